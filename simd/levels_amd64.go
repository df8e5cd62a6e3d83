//go:build amd64 && !purego

package simd

import "github.com/klauspost/cpuid/v2"

var archLevels = []level{
	{&avx512, needs(cpuid.AVX512F, cpuid.AVX512BW, cpuid.AVX512DQ, cpuid.AVX512VL, cpuid.AVX2, cpuid.FMA3, cpuid.BMI2)},
	{&avx2, needs(cpuid.AVX2, cpuid.FMA3)},
}

// needs returns a function that names those of the features that this machine lacks.
func needs(features ...cpuid.FeatureID) func() []string {
	return func() []string {
		var missing []string
		for _, f := range features {
			if !cpuid.CPU.Has(f) {
				missing = append(missing, f.String())
			}
		}
		return missing
	}
}
