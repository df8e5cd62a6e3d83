package kernels

import "anomem/simd"

// kernels lists a check for every field of simd's table of kernels.
func kernels() []kernel {
	var all []kernel
	for _, part := range [][]kernel{elementwise, reductions, sumsDownColumns, norms, copies, products, winograds} {
		all = append(all, part...)
	}
	return all
}

// sizes are 0 to twice the largest unrolled loop plus one, and some larger ones.
var sizes = func() []int {
	var s []int
	for n := range 2*64 + 2 {
		s = append(s, n)
	}
	return append(s, 191, 192, 255, 256, 257, 1000, 4099)
}()

type (
	floats  = [][]float32
	doubles = [][]float64
)

var elementwise = []kernel{
	vectors{operands: 3, inPlace: true, call: func(x floats, s []float32) float32 { simd.Add(x[0], x[1], x[2]); return 0 }}.named("add"),
	vectors{operands: 3, inPlace: true, call: func(x floats, s []float32) float32 { simd.Sub(x[0], x[1], x[2]); return 0 }}.named("sub"),
	vectors{operands: 3, inPlace: true, call: func(x floats, s []float32) float32 { simd.Mul(x[0], x[1], x[2]); return 0 }}.named("mul"),
	vectors{operands: 3, inPlace: true, call: func(x floats, s []float32) float32 { simd.Div(x[0], x[1], x[2]); return 0 }}.named("div"),
	vectors{operands: 3, inPlace: true, call: func(x floats, s []float32) float32 { simd.Larger(x[0], x[1], x[2]); return 0 }}.named("larger"),
	vectors{operands: 2, scalars: 1, inPlace: true, call: func(x floats, s []float32) float32 { simd.AddScalar(x[0], x[1], s[0]); return 0 }}.named("addScalar"),
	vectors{operands: 2, scalars: 1, inPlace: true, call: func(x floats, s []float32) float32 { simd.Scale(x[0], x[1], s[0]); return 0 }}.named("scale"),
	vectors{operands: 2, scalars: 1, inPlace: true, call: func(x floats, s []float32) float32 { simd.MaxScalar(x[0], x[1], s[0]); return 0 }}.named("maxScalar"),
	vectors{operands: 2, scalars: 1, inPlace: true, call: func(x floats, s []float32) float32 { simd.MinScalar(x[0], x[1], s[0]); return 0 }}.named("minScalar"),
	vectors{operands: 2, scalars: 1, inPlace: true, call: func(x floats, s []float32) float32 { simd.Axpy(x[0], s[0], x[1]); return 0 }}.named("axpy"),
	vectors{operands: 3, inPlace: true, call: func(x floats, s []float32) float32 { simd.MulAdd(x[0], x[1], x[2]); return 0 }}.named("mulAdd"),
	vectors{operands: 4, inPlace: true, call: func(x floats, s []float32) float32 {
		simd.ScaleShiftRow(x[0], x[1], x[2], x[3], 1, len(x[0]))
		return 0
	}}.named("scaleShift"),
	vectors{operands: 2, inPlace: true, call: func(x floats, s []float32) float32 { simd.Sqrt(x[0], x[1]); return 0 }}.named("sqrt"),
	vectors{operands: 2, inPlace: true, call: func(x floats, s []float32) float32 { simd.Abs(x[0], x[1]); return 0 }}.named("abs"),
	vectors{operands: 2, inPlace: true, call: func(x floats, s []float32) float32 { simd.Exp(x[0], x[1]); return 0 }}.named("exp"),
	vectors{operands: 2, inPlace: true, call: func(x floats, s []float32) float32 { simd.Log(x[0], x[1]); return 0 }}.named("log"),
	vectors{operands: 2, inPlace: true, call: func(x floats, s []float32) float32 { simd.ReLU(x[0], x[1]); return 0 }}.named("relu"),
	vectors{operands: 3, inPlace: true, call: func(x floats, s []float32) float32 { simd.ReLUBackward(x[0], x[1], x[2]); return 0 }}.named("reluBackward"),
	vectors{operands: 3, inPlace: true, call: func(x floats, s []float32) float32 { simd.KeepPositive(x[0], x[1], x[2]); return 0 }}.named("keepPositive"),
	vectors{operands: 3, scalars: 3, call: func(x floats, s []float32) float32 {
		simd.SGDNesterov(x[0], x[1], x[2], s[0], s[1], s[2])
		return 0
	}}.named("sgdNesterov"),
}

var reductions = []kernel{
	vectors{operands: 1, sum: true, call: func(x floats, s []float32) float32 { return simd.Sum(x[0]) }}.named("sum"),
	vectors{operands: 1, sum: true, call: func(x floats, s []float32) float32 { return simd.SumSq(x[0]) }}.named("sumSq"),
	vectors{operands: 1, sum: true, call: func(x floats, s []float32) float32 { return simd.Max(x[0]) }}.named("max"),
	vectors{operands: 2, sum: true, call: func(x floats, s []float32) float32 { return simd.Dot(x[0], x[1]) }}.named("dot"),
	vectors{operands: 2, scalars: 1, sum: true, inPlace: true, call: func(x floats, s []float32) float32 {
		return simd.ExpShiftSum(x[0], x[1], s[0])
	}}.named("expShiftSum"),
	vectors{operands: 1, scalars: 1, sum: true, call: func(x floats, s []float32) float32 { return simd.ExpSum(x[0], s[0]) }}.named("expSum"),
}
