package simd_test

import (
	"fmt"
	"testing"

	"anomem/simd"
)

// BenchmarkKernels gives each kernel's traffic, reads and writes, in bytes a
// second: in the first-level cache, in the second, and from memory.
func BenchmarkKernels(b *testing.B) {
	const cols = 256
	cases := []struct {
		name    string
		streams int // slices read or written, each way counted
		call    func(x [4][]float32)
	}{
		{"Copy", 2, func(x [4][]float32) { copy(x[0], x[1]) }},
		{"Add", 3, func(x [4][]float32) { simd.Add(x[0], x[1], x[2]) }},
		{"Div", 3, func(x [4][]float32) { simd.Div(x[0], x[1], x[2]) }},
		{"Scale", 2, func(x [4][]float32) { simd.Scale(x[0], x[1], 0.5) }},
		{"Axpy", 3, func(x [4][]float32) { simd.Axpy(x[0], 0.5, x[1]) }},
		{"MulAdd", 4, func(x [4][]float32) { simd.MulAdd(x[0], x[1], x[2]) }},
		{"Sqrt", 2, func(x [4][]float32) { simd.Sqrt(x[0], x[1]) }},
		{"Exp", 2, func(x [4][]float32) { simd.Exp(x[0], x[1]) }},
		{"Log", 2, func(x [4][]float32) { simd.Log(x[0], x[1]) }},
		{"ReLU", 2, func(x [4][]float32) { simd.ReLU(x[0], x[1]) }},
		{"ReLUBackward", 4, func(x [4][]float32) { simd.ReLUBackward(x[0], x[1], x[2]) }},
		{"Sum", 1, func(x [4][]float32) { simd.Sum(x[1]) }},
		{"SumSq", 1, func(x [4][]float32) { simd.SumSq(x[1]) }},
		{"Dot", 2, func(x [4][]float32) { simd.Dot(x[1], x[2]) }},
		{"Max", 1, func(x [4][]float32) { simd.Max(x[1]) }},
		{"ExpShiftSum", 2, func(x [4][]float32) { simd.ExpShiftSum(x[0], x[1], 0.5) }},
		{"Softmax", 2, func(x [4][]float32) { simd.Softmax(x[0], x[1], len(x[0])/cols, cols) }},
		{"L2Norm", 1, func(x [4][]float32) { simd.L2Norm(x[0][:len(x[1])/cols], x[1], len(x[1])/cols, cols) }},
		{"ScaleShiftRow", 2, func(x [4][]float32) {
			simd.ScaleShiftRow(x[0], x[1], x[2][:cols], x[3][:cols], len(x[0])/cols, cols)
		}},
		{"ColumnSums", 1, func(x [4][]float32) { simd.ColumnSums(totals[:cols], x[1], len(x[1])/cols, cols) }},
		{"ColumnMoments", 1, func(x [4][]float32) {
			simd.ColumnMoments(totals[:cols], totals[cols:2*cols], x[1], len(x[1])/cols, cols)
		}},
		{"ColumnDots", 2, func(x [4][]float32) { simd.ColumnDots(totals[:cols], x[1], x[2], len(x[1])/cols, cols) }},
		{"SGDNesterov", 5, func(x [4][]float32) { simd.SGDNesterov(x[0], x[1], x[2], 1e-3, 0.9, 1e-4) }},
		{"Transpose", 2, func(x [4][]float32) { simd.Transpose(x[0], x[1], len(x[0])/cols, cols) }},
	}
	for _, n := range []int{2 << 10, 48 << 10, 8 << 20} {
		var x [4][]float32
		for i := range x {
			x[i] = make([]float32, n)
			for j := range x[i] {
				x[i][j] = float32(j%1000+1) * 1e-3
			}
		}
		for _, c := range cases {
			b.Run(fmt.Sprintf("%s/%dKi", c.name, n>>10), func(b *testing.B) {
				b.SetBytes(int64(4 * n * c.streams))
				for b.Loop() {
					c.call(x)
				}
			})
		}
	}
}

var totals [512]float64
