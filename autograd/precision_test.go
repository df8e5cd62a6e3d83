package autograd_test

import (
	"fmt"
	"math"
	"testing"

	"anomem/autograd"
	"anomem/simd"
)

// These tests compare float32 with float64 on the same numbers, element by element,
// within bounds derived from the order of the sums. u is the unit roundoff of
// float32, and gamma(n) bounds the relative error of n roundings in a row.

const u = 1.0 / (1 << 24)

func gamma(n int) float64 { return float64(n) * u / (1 - float64(n)*u) }

// lanesGamma is gamma for simd.Sum and simd.Dot of n terms: 16 chains and a tree
// of depth 4.
func lanesGamma(n int) float64 { return gamma((n+15)/16 + 4) }

func widen(x *autograd.Tensor[float32]) *autograd.Tensor[float64] {
	t := autograd.New[float64](x.Shape().Dims()...)
	for i, v := range x.Data() {
		t.Data()[i] = float64(v)
	}
	return t
}

func absolute(x *tensor64) *tensor64 {
	t := autograd.New[float64](x.Shape().Dims()...)
	simd.Abs(t.Data(), x.Data())
	return t
}

// within fails unless |got - want| <= bound everywhere, and unless some error shows
// that the two were not computed alike.
func within(t *testing.T, what string, got []float32, want []float64, bound func(i int) float64) {
	t.Helper()
	worst := 0.0
	for i, w := range want {
		e := math.Abs(float64(got[i]) - w)
		if !(e <= bound(i)) {
			t.Errorf("%s, element %d: %v, in float64 %v: off by %.3g, bound %.3g", what, i, got[i], w, e, bound(i))
			return
		}
		worst = max(worst, e)
	}
	if worst == 0 {
		t.Errorf("%s: no rounding at all in %d elements", what, len(want))
	}
}

// bilinear compares f, linear in each of its inputs, and its gradients: each
// element is a sum of products, off by at most gamma(terms) of the sum of their
// magnitudes, which is f of the magnitudes. terms holds the number of roundings for
// the result and for each gradient.
func bilinear(t *testing.T, in []*tensor, terms []int, f32 func(g *graph, in []*tensor) *tensor, f64 func(g *graph64, in []*tensor64) *tensor64) {
	t.Helper()
	g, g64, gAbs := autograd.NewGraph[float32](nil), autograd.NewGraph[float64](nil), autograd.NewGraph[float64](nil)
	var in64, inAbs []*tensor64
	for _, x := range in {
		x.RequireGrad()
		in64 = append(in64, widen(x).RequireGrad())
		inAbs = append(inAbs, absolute(in64[len(in64)-1]).RequireGrad())
	}
	out, out64, outAbs := f32(g, in), f64(g64, in64), f64(gAbs, inAbs)
	seed := random[float32](99, out.Len())
	g.BackwardFrom(out, seed.Data())
	g64.BackwardFrom(out64, widen(seed).Data())
	gAbs.BackwardFrom(outAbs, absolute(widen(seed)).Data())
	within(t, "value", out.Data(), out64.Data(), func(i int) float64 { return gamma(terms[0]) * outAbs.Data()[i] })
	for k, x := range in {
		within(t, "gradient", x.Grad(), in64[k].Grad(), func(i int) float64 { return gamma(terms[k+1]) * inAbs[k].Grad()[i] })
	}
}

func TestMatMulPrecision(t *testing.T) {
	m, n, k := 33, 29, 200
	bilinear(t, []*tensor{random[float32](1, m, k), random[float32](2, k, n)}, []int{k, n, m},
		func(g *graph, in []*tensor) *tensor { return g.MatMul(in[0], in[1], false, false) },
		func(g *graph64, in []*tensor64) *tensor64 { return g.MatMul(in[0], in[1], false, false) })
}

func TestConv2DPrecision(t *testing.T) {
	c := autograd.Conv{StrideH: 2, StrideW: 1, PadH: 1, PadW: 1}
	// A bias adds one rounding; its own gradient is a sum down 3·5·8 rows.
	bilinear(t, []*tensor{random[float32](1, 3, 9, 8, 12), random[float32](2, 3, 3, 12, 10), random[float32](3, 10)},
		[]int{3*3*12 + 1, 3 * 3 * 10, 3 * 5 * 8, 3*5*8 + 2},
		func(g *graph, in []*tensor) *tensor { return g.Conv2D(in[0], in[1], in[2], c) },
		func(g *graph64, in []*tensor64) *tensor64 { return g.Conv2D(in[0], in[1], in[2], c) })
}

func TestSumPrecision(t *testing.T) {
	// Along the last axis: blocks of 4096, then their 3 sums. Gradients are copies,
	// to which Mul makes a rounding.
	square := []int{4096/16 + 4 + 1 + 4 + 1, 1, 1}
	bilinear(t, []*tensor{random[float32](1, 3, 10000), random[float32](2, 3, 10000)}, square,
		func(g *graph, in []*tensor) *tensor { return g.Sum(g.Mul(in[0], in[1]), false, 1) },
		func(g *graph64, in []*tensor64) *tensor64 { return g.Sum(g.Mul(in[0], in[1]), false, 1) })
	// Down columns: chunks of 128 in float32, their total in float64, one rounding.
	columns := []int{128 + 1 + 1, 1, 1}
	bilinear(t, []*tensor{random[float32](1, 10000, 3), random[float32](2, 10000, 3)}, columns,
		func(g *graph, in []*tensor) *tensor { return g.Sum(g.Mul(in[0], in[1]), false, 0) },
		func(g *graph64, in []*tensor64) *tensor64 { return g.Sum(g.Mul(in[0], in[1]), false, 0) })
}

func TestSoftmaxPrecision(t *testing.T) {
	const rows, cols, size = 20, 300, 8.0
	x := random[float32](1, rows, cols)
	simd.Scale(x.Data(), x.Data(), size)
	g, g64 := autograd.NewGraph[float32](nil), autograd.NewGraph[float64](nil)
	// A shift by the largest element rounds an exponent of at most 2·size once; an
	// exponential is within 1 ulp, which is at most 2u.
	power := math.Expm1(2*size*u) + 2*u
	sum := power + lanesGamma(cols)

	y, y64 := g.Softmax(x, 1), g64.Softmax(widen(x), 1)
	within(t, "softmax", y.Data(), y64.Data(), func(i int) float64 { return 1.01 * (power + sum + 2*u) * y64.Data()[i] })

	// The logarithm is within 1 ulp of a value below ln(cols), and the shift is
	// added back with one rounding.
	l, l64 := g.LogSumExp(x, false, 1), g64.LogSumExp(widen(x), false, 1)
	logs := 1.01*sum + 2*u*math.Log(cols)
	within(t, "log-sum-exp", l.Data(), l64.Data(), func(i int) float64 { return logs + u*math.Abs(l64.Data()[i]) })

	s, s64 := g.LogSoftmax(x, 1), g64.LogSoftmax(widen(x), 1)
	within(t, "log-softmax", s.Data(), s64.Data(), func(i int) float64 {
		return logs + 2*size*u + u*math.Abs(s64.Data()[i])
	})
}

func TestL2NormalizePrecision(t *testing.T) {
	const cols = 500
	x := random[float32](1, 20, cols)
	y := autograd.NewGraph[float32](nil).L2Normalize(x, 1e-6)
	y64 := autograd.NewGraph[float64](nil).L2Normalize(widen(x), 1e-6)
	// Half the relative error of the sum of squares; root, reciprocal, product.
	bound := 1.01 * (lanesGamma(cols)/2 + 3*u)
	within(t, "normalised", y.Data(), y64.Data(), func(i int) float64 { return bound * math.Abs(y64.Data()[i]) })
}

// TestBatchNormPrecision normalises rows whose mean is so many times their deviation,
// and holds the variance to the bound that BatchNorm states. At 100,003 rows a single
// float32 sum would be off by 1e-3.
func TestBatchNormPrecision(t *testing.T) {
	for _, c := range []struct {
		rows  int
		ratio float64
	}{{100003, 4}, {4096, 4}, {4096, 30}, {4096, 100}, {128, 100}} {
		t.Run(fmt.Sprintf("%d rows, mean %g", c.rows, c.ratio), func(t *testing.T) { testBatchNormPrecision(t, c.rows, c.ratio) })
	}
}

func testBatchNormPrecision(t *testing.T, rows int, ratio float64) {
	x := random[float32](1, rows, 2)
	for i := range x.Data() {
		x.Data()[i] += float32(ratio / math.Sqrt(3)) // the deviation is 1/√3
	}
	x64 := widen(x)
	ones, zero := []float32{1, 1}, []float32{0, 0}
	mean, variance := autograd.New[float32](2), autograd.New[float32](2)
	mean64, variance64 := autograd.New[float64](2), autograd.New[float64](2)
	o := autograd.BatchNormOptions{Training: true, Momentum: 1}
	gain, shift := autograd.FromSlice(ones, 2), autograd.FromSlice(zero, 2)
	y := autograd.NewGraph[float32](nil).BatchNorm(x, gain, shift, mean, variance, o)
	y64 := autograd.NewGraph[float64](nil).BatchNorm(x64, widen(gain), widen(shift), mean64, variance64, o)

	// All of x is positive, so that Σ|x| is Σx: chunks of 128 rows bound each sum's
	// relative error, and the mean of squares is (σ² + μ²). Running statistics have
	// one more rounding.
	square := func(c int) float64 { return variance64.Data()[c] + mean64.Data()[c]*mean64.Data()[c] }
	meanBound := func(c int) float64 { return (gamma(128) + u) * mean64.Data()[c] }
	varBound := func(c int) float64 { return 2.3e-5 * square(c) }
	within(t, "mean", mean.Data(), mean64.Data(), meanBound)
	within(t, "variance", variance.Data(), variance64.Data(), func(c int) float64 { return varBound(c) + u*variance64.Data()[c] })
	within(t, "normalised", y.Data(), y64.Data(), func(i int) float64 {
		c := i % 2
		deviation := math.Sqrt(variance64.Data()[c])
		stretch := 1 / math.Sqrt(1-varBound(c)/variance64.Data()[c]) // of y, at most
		return 1.01 * (math.Abs(y64.Data()[i])*(stretch-1) + stretch*(meanBound(c)+4*u*(math.Abs(x64.Data()[i])+mean64.Data()[c]))/deviation)
	})
	// Errors of chunks do not line up: in practice they are far below the bound.
	seen := 2e-6 / math.Sqrt(float64(rows)/128)
	for c := range 2 {
		if e := math.Abs(float64(variance.Data()[c]) - variance64.Data()[c]); e > seen*square(c) {
			t.Errorf("variance of channel %d is off by %.2g of σ² + μ², want about %.2g", c, e/square(c), seen/2)
		}
	}
}

// TestBatchNormOfConstantChannels: where the difference that is the variance comes
// out negative, it counts as 0, and all results are numbers.
func TestBatchNormOfConstantChannels(t *testing.T) {
	const rows, cols = 300, 64
	x := autograd.New[float32](rows, cols)
	for i := range x.Data() {
		x.Data()[i] = 1000 + float32(i%cols)/7
	}
	sum, square := make([]float64, cols), make([]float64, cols)
	simd.ColumnMoments(sum, square, x.Data(), rows, cols)
	gain, shift, variance := autograd.New[float32](cols), autograd.New[float32](cols), autograd.New[float32](cols)
	simd.Fill(gain.Data(), 1)
	g := autograd.NewGraph[float32](nil)
	y := g.BatchNorm(x.RequireGrad(), gain.RequireGrad(), shift.RequireGrad(), nil, variance, autograd.BatchNormOptions{Training: true, Momentum: 1})
	g.BackwardFrom(y, random[float32](1, rows*cols).Data())
	negative := 0
	for c, v := range variance.Data() {
		if raw := square[c]/rows - sum[c]/rows*sum[c]/rows; raw < -1e-3 {
			negative++
			if v != 0 {
				t.Errorf("channel %d: variance %g of a difference of %g", c, v, raw)
			}
		}
	}
	if negative < 8 {
		t.Errorf("only %d channels come out negative", negative)
	}
	for _, data := range [][]float32{y.Data(), x.Grad(), gain.Grad(), shift.Grad()} {
		for i, v := range data {
			if v-v != 0 {
				t.Fatalf("element %d is %g", i, v)
			}
		}
	}
}

// TestColumnSumsAreSimds holds the sums that threads share to the one call that
// specifies them.
func TestColumnSumsAreSimds(t *testing.T) {
	const rows, cols = 1000, 7
	x := random[float32](1, rows, cols)
	want := make([]float64, cols)
	simd.ColumnSums(want, x.Data(), rows, cols)
	for c, got := range autograd.NewGraph[float32](nil).Sum(x, false, 0).Data() {
		if got != float32(want[c]) {
			t.Errorf("column %d: %v, want %v", c, got, float32(want[c]))
		}
	}
}
