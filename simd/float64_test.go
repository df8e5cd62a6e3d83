package simd_test

import (
	"math"
	"testing"

	"anomem/simd"
)

// TestFloat64 holds the plain loops of float64 to their definitions.
func TestFloat64(t *testing.T) {
	a := []float64{1.5, -2, 0.25, math.Copysign(0, -1), 3, 1e300, 7}
	b := []float64{0.5, 4, -8, 2, -1, 1e-300, 0.1}
	const s = 0.75
	for _, c := range []struct {
		name string
		call func(dst []float64)
		want func(a, b float64) float64
	}{
		{"Add", func(d []float64) { simd.Add(d, a, b) }, func(a, b float64) float64 { return a + b }},
		{"Sub", func(d []float64) { simd.Sub(d, a, b) }, func(a, b float64) float64 { return a - b }},
		{"Mul", func(d []float64) { simd.Mul(d, a, b) }, func(a, b float64) float64 { return a * b }},
		{"Div", func(d []float64) { simd.Div(d, a, b) }, func(a, b float64) float64 { return a / b }},
		{"Larger", func(d []float64) { simd.Larger(d, a, b) }, func(a, b float64) float64 {
			if a > b || a != a {
				return a
			}
			return b
		}},
		{"AddScalar", func(d []float64) { simd.AddScalar(d, a, s) }, func(a, _ float64) float64 { return a + s }},
		{"Scale", func(d []float64) { simd.Scale(d, a, s) }, func(a, _ float64) float64 { return a * s }},
		{"MaxScalar", func(d []float64) { simd.MaxScalar(d, a, s) }, func(a, _ float64) float64 { return max(a, s) }},
		{"MinScalar", func(d []float64) { simd.MinScalar(d, a, s) }, func(a, _ float64) float64 { return min(a, s) }},
		{"Axpy", func(d []float64) { copy(d, b); simd.Axpy(d, s, a) }, func(a, b float64) float64 { return b + float64(s*a) }},
		{"MulAdd", func(d []float64) { copy(d, b); simd.MulAdd(d, a, a) }, func(a, b float64) float64 { return b + float64(a*a) }},
		{"Sqrt", func(d []float64) { simd.Sqrt(d, a) }, func(a, _ float64) float64 { return math.Sqrt(a) }},
		{"Abs", func(d []float64) { simd.Abs(d, a) }, func(a, _ float64) float64 { return math.Abs(a) }},
		{"Exp", func(d []float64) { simd.Exp(d, b) }, func(_, b float64) float64 { return math.Exp(b) }},
		{"Log", func(d []float64) { simd.Log(d, a) }, func(a, _ float64) float64 { return math.Log(a) }},
		{"ReLU", func(d []float64) { simd.ReLU(d, a) }, func(a, _ float64) float64 {
			if 0 > a {
				return 0
			}
			return a
		}},
		{"ReLUBackward", func(d []float64) { copy(d, b); simd.ReLUBackward(d, b, a) }, func(a, b float64) float64 {
			if a > 0 {
				return b + b
			}
			return b
		}},
		{"KeepPositive", func(d []float64) { simd.KeepPositive(d, b, a) }, func(a, b float64) float64 {
			if a > 0 {
				return b
			}
			return 0
		}},
		{"NormalizeRows", func(d []float64) { simd.NormalizeRows(d, a, nil, b, b, 1, len(a), false) }, func(a, b float64) float64 { return float64(a*b) + b }},
		{"NormalizeRows with all", func(d []float64) { simd.NormalizeRows(d, a, b, b, b, 1, len(a), true) }, func(a, b float64) float64 {
			return max(0, float64(a*b)+b+b)
		}},
		{"NormGrad", func(d []float64) { simd.NormGrad(d, a, b, b, a, b, 1, len(a)) }, func(a, b float64) float64 {
			return float64(b*a) + (float64(a*b) + b)
		}},
		{"AddRow", func(d []float64) { simd.AddRow(d, a, b, 1, len(a)) }, func(a, b float64) float64 { return a + b }},
		{"ScaleShiftRow", func(d []float64) { simd.ScaleShiftRow(d, a, b, b, 1, len(a)) }, func(a, b float64) float64 { return float64(a*b) + b }},
	} {
		dst := make([]float64, len(a))
		c.call(dst)
		for i := range a {
			if want := c.want(a[i], b[i]); math.Float64bits(dst[i]) != math.Float64bits(want) && (dst[i] == dst[i] || want == want) {
				t.Errorf("%s: element %d is %v, want %v", c.name, i, dst[i], want)
			}
		}
	}

	x := []float64{1, -2, 4}
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"Sum", simd.Sum(x), 3},
		{"SumSq", simd.SumSq(x), 21},
		{"Dot", simd.Dot(x, []float64{1, 1, 0.5}), 1},
		{"Max", simd.Max(x), 4},
		{"Max of nothing", simd.Max(x[:0]), math.Inf(-1)},
		{"ExpSum", simd.ExpSum(x, 1), 1 + math.Exp(-3) + math.Exp(3)},
	} {
		if !near(c.got, c.want, 1e-15) {
			t.Errorf("%s is %v, want %v", c.name, c.got, c.want)
		}
	}

	// Two steps by hand, with lr 0.1, momentum 0.9, weight decay 0.01, gradient 2:
	//	d = 2 + 0.01 = 2.01         v = 2.01            w = 1 - 0.1(2.01 + 0.9 v) = 0.6181
	//	d = 2 + 0.006181 = 2.006181 v = d + 1.809       w = 0.6181 - 0.1(d + 0.9 v)
	w, g, v := []float64{1}, []float64{2}, []float64{0}
	for _, want := range []float64{0.6181, 0.07411561} {
		simd.SGDNesterov(w, g, v, 0.1, 0.9, 0.01)
		if !near(w[0], want, 1e-12) {
			t.Errorf("SGDNesterov: weight %v, want %v", w[0], want)
		}
	}
}
