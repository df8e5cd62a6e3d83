package main

import (
	"slices"
	"testing"
)

func TestChecksFor(t *testing.T) {
	for _, tt := range []struct{ file, function, want string }{
		{"simd/norm_avx2_amd64.s", "normGradAVX2", "^TestKernels$/^kernels$/^avx2$/"},
		{"simd/gemm_amd64.s", "gemmAVX512", "^TestKernels$/^kernels$/^avx512$/"},
		{"simd/norm_arm64.s", "normNEON", "^TestKernels$/^kernels$/^neon$/"},
		{"simd/norm_riscv64.s", "norm", "^TestKernels$/^kernels$/^.*$/"},
	} {
		name := "^norm"
		if tt.file == "simd/gemm_amd64.s" {
			name = "^gemm"
		}
		if got := checksFor(tt.file, tt.function); !slices.Equal(got, []string{tt.want + name, tt.want}) {
			t.Errorf("%s, %s: %q", tt.file, tt.function, got)
		}
	}
}

func TestFailedCheck(t *testing.T) {
	const text = "--- FAIL: TestKernels (0.25s)\n    --- FAIL: TestKernels/kernels/avx2/gemm/sizes (0.03s)\n        kernels_test.go:17: boom\nFAIL\n"
	if m := failedCheck.FindStringSubmatch(text); m == nil || m[1] != "kernels/avx2/gemm/sizes" {
		t.Errorf("%q", m)
	}
	if m := failedCheck.FindStringSubmatch("--- FAIL: TestDigests (0.25s)\n"); m != nil {
		t.Errorf("%q", m)
	}
}
