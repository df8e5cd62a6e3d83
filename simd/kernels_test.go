package simd_test

import (
	"math"
	"strings"
	"testing"

	"anomem/check/kernels"
	"anomem/simd"
)

// TestKernels runs every check that this CPU can run, and counts what it cannot.
func TestKernels(t *testing.T) {
	for _, c := range kernels.Checks() {
		t.Run(c.Family+"/"+c.Name, func(t *testing.T) {
			if err := c.Run(); err != nil {
				t.Error(err)
			}
		})
	}
	skipped := 0
	for _, l := range simd.Levels() {
		if len(l.Missing) > 0 {
			skipped++
			t.Logf("SKIPPED level %s: this CPU lacks %s", l.Name, strings.Join(l.Missing, ", "))
		}
	}
	t.Logf("%d of %d levels skipped", skipped, len(simd.Levels()))
}

// TestEveryKernelChecked fails where a field of the table of kernels has no check
// at some level, or a level leaves a kernel out.
func TestEveryKernelChecked(t *testing.T) {
	checked := map[string]bool{}
	for _, c := range kernels.Checks() {
		kernel, _, _ := strings.Cut(c.Name, "/")
		checked[c.Family+"/"+kernel] = true
	}
	for _, l := range simd.Levels() {
		if l.Name == "purego" || len(l.Missing) > 0 {
			continue
		}
		for _, f := range simd.KernelFields() {
			if !checked["kernels/"+l.Name+"/"+f] {
				t.Errorf("level %s: no check of kernel %s", l.Name, f)
			}
		}
	}
	for level, names := range simd.MissingKernels() {
		t.Errorf("level %s leaves out %s", level, strings.Join(names, ", "))
	}
}

// TestUse switches between levels, and refuses what is not there.
func TestUse(t *testing.T) {
	defer simd.Use(simd.Level())
	for _, l := range simd.Levels() {
		err := simd.Use(l.Name)
		if len(l.Missing) == 0 {
			if err != nil || simd.Level() != l.Name {
				t.Errorf("Use(%q): %v, and level %q is in use", l.Name, err, simd.Level())
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), l.Missing[0]) {
			t.Errorf("Use(%q) on a CPU that lacks %v: %v", l.Name, l.Missing, err)
		}
	}
	before := simd.Level()
	if err := simd.Use("abacus"); err == nil || !strings.Contains(err.Error(), "purego") || simd.Level() != before {
		t.Errorf(`Use("abacus"): %v, and level %q is in use`, err, simd.Level())
	}
}

// TestFMA32 is the check of the same name with more cases, and on hardware.
func TestFMA32(t *testing.T) {
	n := 1_000_000
	if testing.Short() {
		n = 100_000
	}
	if err := kernels.CheckFMA32(2, n); err != nil {
		t.Error(err)
	}
}

func FuzzFMA32(f *testing.F) {
	f.Add(uint32(0x3f800001), uint32(0x3f800001), uint32(1))
	f.Add(uint32(0x7f7fffff), uint32(0x3f800000), uint32(0x73000000))
	f.Add(uint32(0x1a000001), uint32(0x19fffffe), uint32(0x00400001))
	f.Fuzz(func(t *testing.T, a, b, c uint32) {
		x, y, z := math.Float32frombits(a), math.Float32frombits(b), math.Float32frombits(c)
		got, want := simd.FMA32(x, y, z), kernels.ExactFMA32(x, y, z)
		if math.Float32bits(got) != math.Float32bits(want) && (got == got || want == want) {
			t.Errorf("FMA32(%#08x, %#08x, %#08x) is %v, exactly %v", a, b, c, got, want)
		}
		dst := []float32{z}
		simd.Axpy(dst, x, []float32{y})
		if math.Float32bits(dst[0]) != math.Float32bits(want) && (dst[0] == dst[0] || want == want) {
			t.Errorf("Axpy at level %s: fma(%#08x, %#08x, %#08x) is %v, exactly %v", simd.Level(), a, b, c, dst[0], want)
		}
	})
}
