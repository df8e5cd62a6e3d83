package simd_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"anomem/simd"
)

// TestProductShapes tries products whose slices do not hold their shapes, sizes
// that overflow among them. All must panic before memory is touched.
func TestProductShapes(t *testing.T) {
	type (
		operand = simd.Operand[float32]
		none    = simd.Epilogue[float32]
	)
	x := make([]float32, 12) // a factor of 3×4 or 4×3, or C of 3×3
	ok := operand{Data: x, Stride: 4}
	b := operand{Data: x, Stride: 3}
	gemm := func(c []float32, ldc int, a, b operand, m, n, k int, ep none) func() {
		return func() { simd.Gemm(nil, c, ldc, a, b, m, n, k, ep) }
	}
	gather := func(c []float32, ldc int, rows simd.RowTable, b operand, m, n, k int) func() {
		return func() { simd.GatherGemm(nil, c, ldc, x, rows, b, m, n, k, none{}) }
	}
	for name, call := range map[string]func(){
		"negative m":          gemm(x, 3, ok, b, -1, 3, 4, none{}),
		"negative k":          gemm(x, 3, ok, b, 3, 3, -4, none{}),
		"C too short":         gemm(x[:8], 3, ok, b, 3, 3, 4, none{}),
		"ldc below n":         gemm(x, 2, ok, b, 3, 3, 4, none{}),
		"A too short":         gemm(x, 3, operand{Data: x[:11], Stride: 4}, b, 3, 3, 4, none{}),
		"stride of A below k": gemm(x, 3, operand{Data: x, Stride: 3}, b, 3, 3, 4, none{}),
		"B too short":         gemm(x, 3, ok, operand{Data: x[:11], Stride: 3}, 3, 3, 4, none{}),
		"stride overflows":    gemm(x, 1, operand{Data: x, Stride: math.MaxInt / 4}, operand{Data: x, Stride: 1}, 9, 1, 1, none{}),
		"transposed stride":   gemm(x, 3, operand{Data: x, Stride: math.MaxInt / 4, Trans: true}, b, 3, 3, 4, none{}),
		"bias too short":      gemm(x, 3, ok, b, 3, 3, 4, none{Bias: x[:2]}),
		"scale alone":         gemm(x, 3, ok, b, 3, 3, 4, none{Scale: x[:3]}),
		"scale and bias":      gemm(x, 3, ok, b, 3, 3, 4, none{Scale: x[:3], Shift: x[:3], Bias: x[:3]}),
		"residual too short":  gemm(x, 3, ok, b, 3, 3, 4, none{Residual: x[:8], ResidualStride: 3}),

		"sums alone":        gemm(x, 3, ok, b, 3, 3, 4, none{Sums: make([]float64, 3)}),
		"squares too short": gemm(x, 3, ok, b, 3, 3, 4, none{Sums: make([]float64, 3), Squares: make([]float64, 2)}),
		"moments of two chunks": func() {
			c := make([]float32, 129)
			simd.Gemm(nil, c, 1, operand{Data: c, Stride: 1}, operand{Data: x, Stride: 1}, 129, 1, 1,
				none{Sums: make([]float64, 1), Squares: make([]float64, 1)})
		},
		"moments in runs": func() {
			simd.GatherGemm(nil, x, 3, x, simd.RowTable{Off: make([]int32, 3), Taps: 1, Run: 3}, b, 3, 3, 4,
				none{Sums: make([]float64, 3), Squares: make([]float64, 3)})
		},

		"too few offsets": gather(x, 3, simd.RowTable{Off: make([]int32, 5), Taps: 2}, b, 3, 3, 2),
		"offset outside":  gather(x, 3, simd.RowTable{Off: []int32{0, 9, 0}, Taps: 1}, b, 3, 3, 4),
		"taps overflow":   gather(x, 3, simd.RowTable{Off: nil, Taps: math.MaxInt}, b, 0, 3, 4),
		"taps and rows":   gather(x, 3, simd.RowTable{Off: nil, Taps: math.MaxInt / 2}, b, 3, 3, 4),
		"run outside":     gather(x, 3, simd.RowTable{Off: make([]int32, 3), Taps: 1, Run: 2, RunStride: 10}, b, 3, 3, 4),
		"run too long":    gather(x, 5, simd.RowTable{Off: make([]int32, 3), Taps: 1, Run: 3, RunStride: 0}, b, 3, 3, 4),
		"run overflows":   gather(x, 3, simd.RowTable{Off: make([]int32, 3), Taps: 1, Run: 1, RunStride: math.MaxInt / 2}, b, 3, 3, 4),
		"turned, in runs": func() {
			simd.GatherGemmT(nil, x, 3, x, simd.RowTable{Off: make([]int32, 3), Taps: 1, Run: 1}, b, 3, 3, 3, none{})
		},
		"turned, outside": func() {
			simd.GatherGemmT(nil, x, 3, x, simd.RowTable{Off: []int32{0, 0, 10}, Taps: 1}, b, 3, 3, 3, none{})
		},
		"turned, overflow":  func() { simd.GatherGemmT(nil, x, 3, x, simd.RowTable{Taps: math.MaxInt}, b, 3, 3, 0, none{}) },
		"prepack too short": func() { simd.Prepack(b, 3, 5, 1) },
		"prepack overflows": func() { simd.Prepack(b, 3, math.MaxInt, 2) },
		"float64, C is short": func() {
			y := make([]float64, 12)
			simd.Gemm(nil, y[:8], 3, simd.Operand[float64]{Data: y, Stride: 4}, simd.Operand[float64]{Data: y, Stride: 3}, 3, 3, 4, simd.Epilogue[float64]{})
		},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if msg := fmt.Sprint(recover()); !strings.HasPrefix(msg, "simd: ") {
					t.Errorf("recovered %q, want a message of simd's", msg)
				}
			}()
			call()
		})
	}
}
