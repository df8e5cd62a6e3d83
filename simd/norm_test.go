package simd_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"anomem/simd"
)

// TestNormGradSums holds the sums in one pass to the passes that they stand for.
func TestNormGradSums(t *testing.T) {
	for _, cols := range []int{1, 7, 16, 64, 100, 2100} {
		t.Run(fmt.Sprint(cols), func(t *testing.T) {
			normGradSums[float32](t, 2*simd.ColumnChunk+9, cols)
			normGradSums[float64](t, 2*simd.ColumnChunk+9, cols)
		})
	}
}

func normGradSums[T simd.Float](t *testing.T, rows, cols int) {
	r := rand.New(rand.NewPCG(7, uint64(cols)))
	var m [3][]T
	for i := range m {
		for range rows * cols {
			m[i] = append(m[i], T(r.NormFloat64()))
		}
	}
	dy, x, y := m[0], m[1], m[2]
	for _, y := range [][]T{nil, y} {
		masked := append([]T(nil), dy...)
		if y != nil {
			simd.KeepPositive(masked, dy, y)
		}
		wantSum, wantDot := make([]float64, cols), make([]float64, cols)
		simd.ColumnSums(wantSum, masked, rows, cols)
		simd.ColumnDots(wantDot, masked, x, rows, cols)
		sum, dot := make([]float64, cols), make([]float64, cols)
		simd.NormGradSums(sum, dot, dy, x, y, rows, cols)
		for c := range cols {
			if sum[c] != wantSum[c] || dot[c] != wantDot[c] {
				t.Fatalf("%T, masked %v, column %d: sums %v, %v, want %v, %v", x, y != nil, c, sum[c], dot[c], wantSum[c], wantDot[c])
			}
		}
		for i, v := range masked {
			if dy[i] != v {
				t.Fatalf("%T, masked %v: element %d of dy is %v, want %v", x, y != nil, i, dy[i], v)
			}
		}
	}
}
