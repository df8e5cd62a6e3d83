package simd

import "github.com/klauspost/cpuid/v2"

// cacheSizes are the data caches, in bytes, for a core; l3 is what cores share.
// Where the CPU does not say, they are small ones. No result depends on them.
var cacheSizes = struct{ l1, l2, l3 int }{
	l1: max(sizeOr(cpuid.CPU.Cache.L1D, 32<<10), 16<<10),
	l2: sizeOr(cpuid.CPU.Cache.L2, 256<<10),
	l3: min(sizeOr(cpuid.CPU.Cache.L3, 2<<20), 32<<20),
}

// CoreCache is how many bytes the second-level cache, a core's own on most machines,
// holds, as far as is known. No result may depend on it.
func CoreCache() int { return cacheSizes.l2 }

// LastCache is how many bytes the last-level cache of the machine holds, as far as is
// known, for callers to cut their work by. No result may depend on it.
func LastCache() int { return cacheSizes.l3 }

func sizeOr(size, otherwise int) int {
	if size <= 0 {
		return otherwise
	}
	return size
}
