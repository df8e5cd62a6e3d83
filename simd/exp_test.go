package simd_test

import (
	"math"
	"testing"

	"anomem/check/kernels"
	"anomem/simd"
)

// TestExpLog holds Exp32 and Log32 to 1 ulp over all exponents, as finely as a
// second allows. (Over every float32: 0.90 and 0.87 ulp.)
func TestExpLog(t *testing.T) {
	step := 307
	if testing.Short() {
		step = 4001
	}
	if err := kernels.CheckExp32(step); err != nil {
		t.Error(err)
	}
	if err := kernels.CheckLog32(step); err != nil {
		t.Error(err)
	}
}

func TestExpLogAtEnds(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	smallest := float32(math.SmallestNonzeroFloat32)
	for _, c := range []struct {
		name string
		f    func(float32) float32
		x    float32
		want float32
	}{
		{"Exp32", simd.Exp32, 0, 1},
		{"Exp32", simd.Exp32, float32(math.Copysign(0, -1)), 1},
		{"Exp32", simd.Exp32, smallest, 1},
		{"Exp32", simd.Exp32, 88.72283, 3.4027985e38}, // the last that is finite
		{"Exp32", simd.Exp32, 88.72284, inf},
		{"Exp32", simd.Exp32, -103.97207, smallest}, // the last that is not zero
		{"Exp32", simd.Exp32, -103.97209, 0},
		{"Exp32", simd.Exp32, math.MaxFloat32, inf},
		{"Exp32", simd.Exp32, -math.MaxFloat32, 0},
		{"Exp32", simd.Exp32, inf, inf},
		{"Exp32", simd.Exp32, -inf, 0},
		{"Exp32", simd.Exp32, nan, nan},
		{"Log32", simd.Log32, 1, 0},
		{"Log32", simd.Log32, 0, -inf},
		{"Log32", simd.Log32, float32(math.Copysign(0, -1)), -inf},
		{"Log32", simd.Log32, smallest, -103.27893},
		{"Log32", simd.Log32, math.MaxFloat32, 88.72284},
		{"Log32", simd.Log32, -smallest, nan},
		{"Log32", simd.Log32, -1, nan},
		{"Log32", simd.Log32, inf, inf},
		{"Log32", simd.Log32, -inf, nan},
		{"Log32", simd.Log32, nan, nan},
	} {
		if got := c.f(c.x); math.Float32bits(got) != math.Float32bits(c.want) && (got == got || c.want == c.want) {
			t.Errorf("%s(%v) is %v, want %v", c.name, c.x, got, c.want)
		}
	}
}

// FuzzExpLog looks for an argument at which Exp32 or Log32 errs by more than they
// state, or at which a level differs from them.
func FuzzExpLog(f *testing.F) {
	for _, x := range []float32{0, 1, -1, 88.72284, -103.97208, 0.70710678, 1e-40, float32(math.Inf(-1)), float32(math.NaN())} {
		f.Add(math.Float32bits(x))
	}
	f.Fuzz(func(t *testing.T, bits uint32) {
		x := math.Float32frombits(bits)
		if err := kernels.CheckExpLogAt(x); err != nil {
			t.Error(err)
		}
		dst, in := make([]float32, 3), []float32{x, x, x}
		simd.Exp(dst, in)
		for _, v := range dst {
			if want := simd.Exp32(x); math.Float32bits(v) != math.Float32bits(want) && (v == v || want == want) {
				t.Errorf("level %s: Exp(%v) is %v, Exp32 is %v", simd.Level(), x, v, want)
			}
		}
		simd.Log(dst, in)
		for _, v := range dst {
			if want := simd.Log32(x); math.Float32bits(v) != math.Float32bits(want) && (v == v || want == want) {
				t.Errorf("level %s: Log(%v) is %v, Log32 is %v", simd.Level(), x, v, want)
			}
		}
	})
}
