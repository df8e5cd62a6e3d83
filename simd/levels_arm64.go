//go:build arm64 && !purego

package simd

import "github.com/klauspost/cpuid/v2"

var archLevels = []level{{&neon, missingNEON}}

// missingNEON trusts that Advanced SIMD is there, as Go's own runtime does, unless
// the system lists the CPU's features without it: not every system lists them.
func missingNEON() []string {
	if cpuid.CPU.Supports(cpuid.FP) && !cpuid.CPU.Supports(cpuid.ASIMD) {
		return []string{cpuid.ASIMD.String()}
	}
	return nil
}
