package main

import (
	"strings"
	"testing"
)

func TestLevelOf(t *testing.T) {
	for file, want := range map[string]string{
		"simd/norm_avx2_amd64.s": "avx2", "simd/norm_avx512_amd64.s": "avx512", "simd/norm_arm64.s": "neon", "simd/gemm_amd64.s": "",
	} {
		if got := levelOf(file); got != want {
			t.Errorf("levelOf(%q) = %q, want %q", file, got, want)
		}
	}
}

func TestFailedCheck(t *testing.T) {
	const good, bad = `{"family":"kernels/avx2","name":"add","ok":true}` + "\n", `{"family":"kernels/avx2","name":"exp","ok":false}` + "\n"
	if failedCheck(strings.NewReader(good + good)) {
		t.Error("a failure is seen where there is none")
	}
	if !failedCheck(strings.NewReader(good + bad + good)) {
		t.Error("a failure is missed")
	}
}
