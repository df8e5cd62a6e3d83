package simd

import "github.com/klauspost/cpuid/v2"

// cacheSizes are the sizes of a core's data caches in bytes; cores share l3. Where the
// CPU reports none, small ones are assumed. No result depends on them.
var cacheSizes = struct{ l1, l2, l3 int }{
	l1: max(sizeOr(cpuid.CPU.Cache.L1D, 32<<10), 16<<10),
	l2: sizeOr(cpuid.CPU.Cache.L2, 256<<10),
	l3: min(sizeOr(cpuid.CPU.Cache.L3, 2<<20), 32<<20),
}

// CoreCache returns the size in bytes of the second-level cache, which on most machines
// belongs to one core, or a small size if it is unknown. No result may depend on it.
func CoreCache() int { return cacheSizes.l2 }

// LastCache returns the size in bytes of the last-level cache, or a small size if it is
// unknown. Callers cut their work by it; no result may depend on it.
func LastCache() int { return cacheSizes.l3 }

func sizeOr(size, otherwise int) int {
	if size <= 0 {
		return otherwise
	}
	return size
}
