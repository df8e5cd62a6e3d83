package cholesky

import (
	"math"
	"testing"
)

// With RRᵀ = LLᵀ, (L⁻¹R)(L⁻¹R)ᵀ is the unit matrix.
func TestInverse(t *testing.T) {
	const c = 7
	root := make([]float64, c*c)
	for i := range root {
		root[i] = math.Sin(float64(i*i + 3*i))
	}
	product := func(a, b []float64, transA, transB bool) []float64 {
		at := func(m []float64, i, j int, trans bool) float64 {
			if trans {
				i, j = j, i
			}
			return m[i*c+j]
		}
		out := make([]float64, c*c)
		for i := range out {
			for k := range c {
				out[i] += at(a, i/c, k, transA) * at(b, k, i%c, transB)
			}
		}
		return out
	}
	inverse, ok := Inverse(product(root, root, false, true), c)
	if !ok {
		t.Fatal("a product of a matrix with its transpose is not positive definite")
	}
	for i, v := range inverse {
		if i%c > i/c && v != 0 {
			t.Errorf("%v above the diagonal", v)
		}
	}
	half := product(inverse, root, false, false)
	for i, v := range product(half, half, false, true) {
		want := 0.
		if i%(c+1) == 0 {
			want = 1
		}
		if math.Abs(v-want) > 1e-9 {
			t.Errorf("element %d is %v, want %v", i, v, want)
		}
	}
	for _, a := range [][]float64{{1, 2, 2, 1}, {0, 0, 0, 0}, {1, 0, 0, math.NaN()}} {
		if _, ok := Inverse(a, 2); ok {
			t.Errorf("%v is taken for positive definite", a)
		}
	}
}
