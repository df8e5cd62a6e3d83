package main

import (
	"os"
	"path/filepath"
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
	file := filepath.Join(t.TempDir(), "two_amd64.s")
	const text = "#include \"textflag.h\"\n" +
		"TEXT ·one(SB), NOSPLIT, $0\n\tVADDPS Y0, Y1, Y2\n\tRET\n" +
		"TEXT ·two(SB), NOSPLIT, $0\n\tVMULPS Y0, Y1, Y2\n\tRET\n"
	if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		each bool
		want []string
	}{{false, []string{"two"}}, {true, []string{"one", "two"}}} {
		faults, err := faultsIn(file, tt.each)
		if err != nil || len(faults) != len(tt.want) {
			t.Fatalf("faultsIn(%v) = %v, %v", tt.each, faults, err)
		}
		for i, f := range faults {
			if f.function != tt.want[i] {
				t.Errorf("fault in %s, want one in %s", f.function, tt.want[i])
			}
		}
	}
}
