package simd_test

import (
	"strings"
	"testing"

	"anomem/simd"
)

// TestWrongLengths checks that functions panic, with their name and the lengths, before
// they touch anything: each operand is a slice of a larger array.
func TestWrongLengths(t *testing.T) {
	memory := make([]float32, 64)
	f := func(n int) []float32 { return memory[:n:n] }
	d := func(n int) []float64 { return make([]float64, n) }
	for _, c := range []struct {
		want string
		call func()
	}{
		{"simd: Add: lengths 3, 4, 3 differ", func() { simd.Add(f(3), f(4), f(3)) }},
		{"simd: Sub: lengths 3, 3, 4 differ", func() { simd.Sub(f(3), f(3), f(4)) }},
		{"simd: Mul: lengths 4, 3, 3 differ", func() { simd.Mul(f(4), f(3), f(3)) }},
		{"simd: Div: lengths 0, 3, 3 differ", func() { simd.Div(f(0), f(3), f(3)) }},
		{"simd: Larger: lengths 3, 3, 4 differ", func() { simd.Larger(f(3), f(3), f(4)) }},
		{"simd: AddScalar: lengths 3, 4 differ", func() { simd.AddScalar(f(3), f(4), 1) }},
		{"simd: Scale: lengths 3, 4 differ", func() { simd.Scale(f(3), f(4), 1) }},
		{"simd: MaxScalar: lengths 3, 4 differ", func() { simd.MaxScalar(f(3), f(4), 1) }},
		{"simd: MinScalar: lengths 3, 4 differ", func() { simd.MinScalar(f(3), f(4), 1) }},
		{"simd: Axpy: lengths 3, 4 differ", func() { simd.Axpy(f(3), 1, f(4)) }},
		{"simd: MulAdd: lengths 3, 3, 4 differ", func() { simd.MulAdd(f(3), f(3), f(4)) }},
		{"simd: Sqrt: lengths 3, 4 differ", func() { simd.Sqrt(f(3), f(4)) }},
		{"simd: Abs: lengths 3, 4 differ", func() { simd.Abs(f(3), f(4)) }},
		{"simd: Exp: lengths 3, 4 differ", func() { simd.Exp(f(3), f(4)) }},
		{"simd: Log: lengths 3, 4 differ", func() { simd.Log(f(3), f(4)) }},
		{"simd: ReLU: lengths 3, 4 differ", func() { simd.ReLU(f(3), f(4)) }},
		{"simd: ReLUBackward: lengths 3, 3, 4 differ", func() { simd.ReLUBackward(f(3), f(3), f(4)) }},
		{"simd: Dot: lengths 3, 4 differ", func() { simd.Dot(f(3), f(4)) }},
		{"simd: ExpShiftSum: lengths 3, 4 differ", func() { simd.ExpShiftSum(f(3), f(4), 0) }},
		{"simd: LogSumExp: x has 5 elements, want 6", func() { simd.LogSumExp(f(2), f(5), 2, 3) }},
		{"simd: LogSumExp: dst has 3 elements, want 2", func() { simd.LogSumExp(f(3), f(6), 2, 3) }},
		{"simd: Softmax: lengths 5, 6 differ", func() { simd.Softmax(f(5), f(6), 2, 3) }},
		{"simd: LogSoftmax: x has 7 elements, want 6", func() { simd.LogSoftmax(f(6), f(7), 2, 3) }},
		{"simd: L2Norm: dst has 1 elements, want 2", func() { simd.L2Norm(f(1), f(6), 2, 3) }},
		{"simd: AddRow: row has 2 elements, want 3", func() { simd.AddRow(f(6), f(6), f(2), 2, 3) }},
		{"simd: ScaleShiftRow: shift has 4 elements, want 3", func() { simd.ScaleShiftRow(f(6), f(6), f(3), f(4), 2, 3) }},
		{"simd: KeepPositive: lengths 3, 3, 4 differ", func() { simd.KeepPositive(f(3), f(3), f(4)) }},
		{"simd: NormalizeRows: x has 5 elements, want 6", func() { simd.NormalizeRows(f(5), f(5), nil, f(3), f(3), 2, 3, true) }},
		{"simd: NormalizeRows: lengths 7, 6 differ", func() { simd.NormalizeRows(f(7), f(6), nil, f(3), f(3), 2, 3, true) }},
		{"simd: NormalizeRows: scale has 2 elements, want 3", func() { simd.NormalizeRows(f(6), f(6), nil, f(2), f(3), 2, 3, true) }},
		{"simd: NormalizeRows: shift has 4 elements, want 3", func() { simd.NormalizeRows(f(6), f(6), nil, f(3), f(4), 2, 3, true) }},
		{"simd: NormalizeRows: residual has 0 elements, want 6", func() { simd.NormalizeRows(f(6), f(6), f(0), f(3), f(3), 2, 3, true) }},
		{"simd: NormGradSums: dy has 7 elements, want 6", func() { simd.NormGradSums(d(3), d(3), f(7), f(7), f(7), 2, 3) }},
		{"simd: NormGradSums: sum has 2 elements, want 3", func() { simd.NormGradSums(d(2), d(3), f(6), f(6), nil, 2, 3) }},
		{"simd: NormGradSums: dot has 4 elements, want 3", func() { simd.NormGradSums(d(3), d(4), f(6), f(6), nil, 2, 3) }},
		{"simd: NormGradSums: lengths 6, 5 differ", func() { simd.NormGradSums(d(3), d(3), f(6), f(5), f(6), 2, 3) }},
		{"simd: NormGradSums: y has 5 elements, want 6", func() { simd.NormGradSums(d(3), d(3), f(6), f(6), f(5), 2, 3) }},
		{"simd: NormGrad: x has 5 elements, want 6", func() { simd.NormGrad(f(5), f(5), f(5), f(3), f(3), f(3), 2, 3) }},
		{"simd: NormGrad: lengths 6, 7, 6 differ", func() { simd.NormGrad(f(6), f(7), f(6), f(3), f(3), f(3), 2, 3) }},
		{"simd: NormGrad: gain has 2 elements, want 3", func() { simd.NormGrad(f(6), f(6), f(6), f(2), f(3), f(3), 2, 3) }},
		{"simd: NormGrad: scale has 4 elements, want 3", func() { simd.NormGrad(f(6), f(6), f(6), f(3), f(4), f(3), 2, 3) }},
		{"simd: NormGrad: shift has 0 elements, want 3", func() { simd.NormGrad(f(6), f(6), f(6), f(3), f(3), f(0), 2, 3) }},
		{"simd: NormalizeRows: size -1 x 3", func() { simd.NormalizeRows(f(3), f(3), nil, f(3), f(3), -1, 3, true) }},
		{"simd: ColumnSums: sum has 2 elements, want 3", func() { simd.ColumnSums(d(2), f(6), 2, 3) }},
		{"simd: ColumnMoments: sumsq has 4 elements, want 3", func() { simd.ColumnMoments(d(3), d(4), f(6), 2, 3) }},
		{"simd: ColumnDots: lengths 6, 7 differ", func() { simd.ColumnDots(d(3), f(6), f(7), 2, 3) }},
		{"simd: SGDNesterov: lengths 3, 4, 3 differ", func() { simd.SGDNesterov(f(3), f(4), f(3), 1, 1, 1) }},
		{"simd: Transpose: src has 5 elements, want 6", func() { simd.Transpose(f(6), f(5), 2, 3) }},
		{"simd: CopyRows: 2 rows of 3, 4 apart, in dst of 6 elements", func() { simd.CopyRows(f(6), 4, f(6), 3, 2, 3) }},
		{"simd: CopyRows: 2 rows of 3, 2 apart, in src of 6 elements", func() { simd.CopyRows(f(6), 3, f(6), 2, 2, 3) }},
		{"simd: PadNHWC: dst has 8 elements, want 9", func() { simd.PadNHWC(f(8), f(1), 1, 1, 1, 1, 1, 1, 1, 1) }},
		{"simd: PadNHWC: padding 1, -1, 0, 0", func() { simd.PadNHWC(f(1), f(1), 1, 1, 1, 1, 1, -1, 0, 0) }},
		{"simd: Softmax: size -1 x 3", func() { simd.Softmax(f(3), f(3), -1, 3) }},
		{"simd: Softmax: size 4611686018427387904 x 4", func() { simd.Softmax(f(0), f(0), 1<<62, 4) }},
	} {
		for i := range memory {
			memory[i] = 7
		}
		func() {
			defer func() {
				if got, _ := recover().(string); got != c.want {
					t.Errorf("panic %q, want %q", got, c.want)
				}
			}()
			c.call()
		}()
		for i, v := range memory {
			if v != 7 {
				t.Errorf("%s: element %d is written", strings.SplitN(c.want, ":", 3)[1], i)
				break
			}
		}
	}
}
