package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestFaulty(t *testing.T) {
	for _, tt := range []struct{ line, want string }{
		{"\tVFMADD231PS (AX), Y1, Y2", "\tVFNMADD231PS (AX), Y1, Y2"},
		{"\tVADDPS Y0, Y1, Y2 // sum", "\tVSUBPS Y0, Y1, Y2 // sum"},
		{"\tVMAXPS Y0, Y1, Y2", "\tVMINPS Y0, Y1, Y2"},
		{"\tVFMLA V0.S4, V1.S4, V2.S4", "\tVFMLS V0.S4, V1.S4, V2.S4"},
		{"\tWORD $0x4e22d420 // fadd v0.4s, v1.4s, v2.4s", "\tWORD $0x4ea2d420 // fadd v0.4s, v1.4s, v2.4s"},
		{"\tADDQ $32, AX", "\tADDQ $32, AX"},
		{"\tVMOVUPS Y0, (DI)", "// dropped: VMOVUPS Y0, (DI)"},
		{"\tVMOVUPS (DI), Y0", "\tVMOVUPS (DI), Y0"},
	} {
		if got := faulty(tt.line); got != tt.want {
			t.Errorf("faulty(%q) = %q, want %q", tt.line, got, tt.want)
		}
	}
}

func TestFaultsIn(t *testing.T) {
	file := filepath.Join(t.TempDir(), "three_amd64.s")
	const text = `#include "textflag.h"
TEXT ·one(SB), NOSPLIT, $0
	VADDPS Y0, Y1, Y2
	VMOVUPS Y2, (DI)
	VSUBPS Y0, Y1, Y2
	RET
TEXT ·peakOne(SB), NOSPLIT, $0
	VADDPS Y0, Y1, Y2
	RET
TEXT ·two(SB), NOSPLIT, $0
	VMOVUPS Y2, (DI)
	RET
`
	if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		each int
		want []int // lines
	}{
		{0, []int{5}},
		{1, []int{5, 11}},
		{9, []int{3, 5, 11}},
	} {
		faults, err := faultsIn(file, tt.each)
		if err != nil {
			t.Fatal(err)
		}
		var got []int
		for _, f := range faults {
			got = append(got, f.line)
			if string(f.text) == text || f.old == f.new {
				t.Errorf("line %d: no fault", f.line)
			}
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%d each: faults in lines %v, want %v", tt.each, got, tt.want)
		}
	}
}
