package simd_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"anomem/simd"
)

// TestEnvironment starts this binary anew with levels asked for by environment.
func TestEnvironment(t *testing.T) {
	if os.Getenv("ANOMEM_TEST_LEVEL") != "" {
		fmt.Printf("%v\nlevel %s\n", simd.Levels(), simd.Level())
		if err := simd.LevelError(); err != nil {
			fmt.Printf("error %v\n", err)
		}
		os.Exit(0)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ask := func(level string) string {
		cmd := exec.Command(self, "-test.run=^TestEnvironment$")
		cmd.Env = append(os.Environ(), "ANOMEM_TEST_LEVEL=1", simd.Env+"="+level)
		out, err := cmd.CombinedOutput()
		if exit := new(exec.ExitError); errors.As(err, &exit) {
			t.Fatalf("%s=%s: %v\n%s", simd.Env, level, err, out)
		}
		cpu, rest, _ := strings.Cut(string(out), "\n")
		if here := fmt.Sprint(simd.Levels()); err != nil || cpu != here {
			t.Skipf("SKIP: under an emulator, child processes run elsewhere: %v, with levels %s instead of %s", err, cpu, here)
		}
		return rest
	}
	best := ""
	for _, l := range simd.Levels() {
		got := ask(l.Name)
		if len(l.Missing) > 0 {
			if !strings.HasPrefix(got, "level purego\nerror ANOMEM_SIMD="+l.Name) || !strings.Contains(got, l.Missing[0]) {
				t.Errorf("asked for %s, which this CPU lacks %v for: %q", l.Name, l.Missing, got)
			}
			continue
		}
		if best == "" {
			best = l.Name
		}
		if got != "level "+l.Name+"\n" {
			t.Errorf("asked for %s: %q", l.Name, got)
		}
	}
	if got := ask(""); got != "level "+best+"\n" {
		t.Errorf("asked for nothing, with %s the best: %q", best, got)
	}
	if got := ask("abacus"); !strings.HasPrefix(got, "level purego\nerror ANOMEM_SIMD=abacus: ") || !strings.Contains(got, best) {
		t.Errorf("asked for an unknown level: %q", got)
	}
}

// TestNoAllocation checks that kernels allocate nothing, as a steady training step needs.
func TestNoAllocation(t *testing.T) {
	const rows, cols = 5, 33
	x, y, z := make([]float32, rows*cols), make([]float32, rows*cols), make([]float32, rows*cols)
	d := make([]float64, cols)
	allocs := testing.AllocsPerRun(10, func() {
		simd.Add(x, y, z)
		simd.Axpy(x, 0.5, y)
		simd.Exp(x, y)
		x[0] = simd.Dot(y, z) + simd.Sum(y) + simd.Max(z) + simd.ExpSum(y, 1)
		simd.LogSumExp(x[:rows], y, rows, cols)
		simd.Softmax(x, y, rows, cols)
		simd.LogSoftmax(x, y, rows, cols)
		simd.L2Norm(x[:rows], y, rows, cols)
		simd.ScaleShiftRow(x, y, z[:cols], z[cols:2*cols], rows, cols)
		simd.ColumnMoments(d, d, y, rows, cols)
		simd.NormalizeRows(x, y, z, z[:cols], z[cols:2*cols], rows, cols, true)
		simd.NormGradSums(d, d, x, y, z, rows, cols)
		simd.NormGrad(x, y, z, z[:cols], z[:cols], z[cols:2*cols], rows, cols)
		simd.SGDNesterov(x, y, z, 1e-3, 0.9, 1e-4)
		simd.Transpose(x, y, rows, cols)
	})
	if allocs != 0 {
		t.Errorf("%v allocations", allocs)
	}
}
