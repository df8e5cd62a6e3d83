package autograd_test

import (
	"math"
	"slices"
	"testing"

	"anomem/autograd"
)

// These tests hold the rules that documentation states for ties, NaN, infinities
// and zeros.

// grads returns the result of f on x, and the gradient of the sum of w·f(x).
func grads(x []float64, w []float64, f func(g *graph64, x *tensor64) *tensor64) (y, dx []float64) {
	g := autograd.NewGraph[float64](nil)
	in := autograd.FromSlice(x, len(x)).RequireGrad()
	out := f(g, in)
	g.BackwardFrom(out, w)
	return out.Data(), in.Grad()
}

func equal(t *testing.T, what string, got, want []float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %v, want %v", what, got, want)
	}
	for i, w := range want {
		if got[i] != w && !(math.IsNaN(got[i]) && math.IsNaN(w)) {
			t.Fatalf("%s: %v, want %v", what, got, want)
		}
	}
}

var (
	nan = math.NaN()
	inf = math.Inf(1)
)

func TestRulesAtKinks(t *testing.T) {
	x := []float64{-1, 0, 2, nan}
	w := []float64{1, 10, 100, 1000}
	for _, c := range []struct {
		name  string
		f     func(g *graph64, x *tensor64) *tensor64
		y, dx []float64
	}{
		{"ReLU", (*graph64).ReLU, []float64{0, 0, 2, nan}, []float64{0, 0, 100, 0}},
		{"LeakyReLU", func(g *graph64, x *tensor64) *tensor64 { return g.LeakyReLU(x, 0.25) }, []float64{-0.25, 0, 2, nan}, []float64{0.25, 2.5, 100, 250}},
		{"Abs", (*graph64).Abs, []float64{1, 0, 2, nan}, []float64{-1, 0, 100, 0}},
		{"MaxConst", func(g *graph64, x *tensor64) *tensor64 { return g.MaxConst(x, 0) }, []float64{0, 0, 2, nan}, []float64{0, 0, 100, 0}},
		{"Clamp", func(g *graph64, x *tensor64) *tensor64 { return g.Clamp(x, -1, 2) }, []float64{-1, 0, 2, nan}, []float64{0, 10, 0, 0}},
	} {
		y, dx := grads(x, w, c.f)
		equal(t, c.name, y, c.y)
		equal(t, c.name+" gradient", dx, c.dx)
	}
}

func TestMaxTakesTheFirst(t *testing.T) {
	all := func(g *graph64, x *tensor64) *tensor64 { return g.Max(x, false) }
	y, dx := grads([]float64{1, nan, 3, 2, 3}, []float64{5}, all)
	equal(t, "Max", y, []float64{3})
	equal(t, "Max gradient", dx, []float64{0, 0, 5, 0, 0})
	y, dx = grads([]float64{nan, nan}, []float64{5}, all)
	equal(t, "Max of NaN", y, []float64{-inf})
	equal(t, "Max of NaN, gradient", dx, []float64{0, 0})
	// Over several axes, the first in the order of x's axes.
	y, dx = grads([]float64{0, 7, 7, 7, 0, 7, 7, 7}, []float64{1, 10}, func(g *graph64, x *tensor64) *tensor64 {
		return g.Max(g.Reshape(x, 2, 2, 2), false, 0, 2)
	})
	equal(t, "Max over axes", y, []float64{7, 7})
	equal(t, "Max over axes, gradient", dx, []float64{0, 1, 10, 0, 0, 0, 0, 0})
}

func TestMaxPoolTakesTheFirst(t *testing.T) {
	pool := func(g *graph64, x *tensor64) *tensor64 {
		return g.MaxPool(g.Reshape(x, 1, 2, 4, 1), autograd.Window{H: 2, W: 2})
	}
	y, dx := grads([]float64{1, 4, nan, 9, 4, 4, 8, 9}, []float64{1, 10}, pool)
	equal(t, "MaxPool", y, []float64{4, nan})
	equal(t, "MaxPool gradient", dx, []float64{0, 1, 10, 0, 0, 0, 0, 0})
	y, _ = grads([]float64{-inf, -inf, 0, 0, -inf, -inf, 0, 0}, []float64{1, 1}, pool)
	equal(t, "MaxPool of -Inf", y, []float64{-inf, 0})
}

func TestLogSumExpOfInfinities(t *testing.T) {
	f := func(g *graph64, x *tensor64) *tensor64 { return g.LogSumExp(x, false) }
	y, dx := grads([]float64{-inf, -inf}, []float64{1}, f)
	equal(t, "LogSumExp of -Inf", y, []float64{-inf})
	equal(t, "its gradient", dx, []float64{0, 0})
	y, dx = grads([]float64{-inf, 1000}, []float64{1}, f)
	equal(t, "LogSumExp with -Inf", y, []float64{1000})
	equal(t, "its gradient", dx, []float64{0, 1})
	y, _ = grads(nil, []float64{1}, f)
	equal(t, "LogSumExp of nothing", y, []float64{-inf})
}

func TestReductionsOfNothing(t *testing.T) {
	y, _ := grads(nil, []float64{1}, func(g *graph64, x *tensor64) *tensor64 { return g.Sum(x, false) })
	equal(t, "Sum of nothing", y, []float64{0})
	y, _ = grads(nil, []float64{1}, func(g *graph64, x *tensor64) *tensor64 { return g.Mean(x, false) })
	equal(t, "Mean of nothing", y, []float64{nan})
	y, _ = grads([]float64{3}, []float64{1}, func(g *graph64, x *tensor64) *tensor64 { return g.Variance(x, true, false) })
	equal(t, "unbiased Variance of one", y, []float64{nan})
	y, _ = grads([]float64{3}, []float64{1}, func(g *graph64, x *tensor64) *tensor64 { return g.Variance(x, false, false) })
	equal(t, "Variance of one", y, []float64{0})
}

func TestL2NormalizeOfShortRows(t *testing.T) {
	f := func(g *graph64, x *tensor64) *tensor64 { return g.L2Normalize(g.Reshape(x, 4, 2), 1e-3) }
	y, dx := grads([]float64{0, 0, 3e-4, 4e-4, 3, 4, 5e-4, 1e-3}, []float64{1, 1, 1, 1, 1, 1, 1, 1}, f)
	equal(t, "L2Normalize", y[:4], []float64{0, 0, 0, 0})
	equal(t, "L2Normalize gradient", dx[:4], []float64{0, 0, 0, 0})
	near(t, "L2Normalize", y[4:6], []float64{0.6, 0.8})
	if dx[6] == 0 || math.Abs(math.Hypot(y[6], y[7])-1) > 1e-15 {
		t.Errorf("a row longer than eps gives %v with gradient %v", y[6:], dx[6:])
	}
	// Without eps, only what cannot be divided by.
	x := autograd.FromSlice([]float32{0, 0, 1e-41, 0, 1e18, 1e18}, 3, 2).RequireGrad()
	g := autograd.NewGraph[float32](nil)
	out := g.L2Normalize(x, 0)
	g.BackwardFrom(out, []float32{1, 2, 3, 4, 5, 6})
	for i, v := range append(out.Data()[:4:4], x.Grad()[:4]...) {
		if v != 0 {
			t.Errorf("rows that cannot be normalised: %v, gradient %v (%d)", out.Data()[:4], x.Grad()[:4], i)
		}
	}
	if v := float64(out.Data()[4]); math.Abs(v-math.Sqrt2/2) > 1e-7 {
		t.Errorf("a long row: %v", out.Data()[4:])
	}
}

// TestL2NormalizeOfLongRows: rows whose sum of squares overflows, up to the largest
// numbers there are, against the same rows brought down by a power of two, in float64.
func TestL2NormalizeOfLongRows(t *testing.T) {
	const cols = 37
	seed := random[float32](2, cols).Data()
	for _, exponent := range []int{64, 66, 90, 127} {
		x := random[float32](1, 2, cols)
		copy(x.Data()[cols:], x.Data()[:cols])
		x64 := widen(x)
		for i := range cols { // the other row is ordinary
			x.Data()[i] = float32(math.Ldexp(float64(x.Data()[i]), exponent))
		}
		g, g64 := autograd.NewGraph[float32](nil), autograd.NewGraph[float64](nil)
		y, y64 := g.L2Normalize(x.RequireGrad(), 1e-12), g64.L2Normalize(x64.RequireGrad(), 1e-12)
		g.BackwardFrom(y, slices.Concat(seed, seed))
		g64.BackwardFrom(y64, widen(autograd.FromSlice(slices.Concat(seed, seed), 2*cols)).Data())
		var size float64
		for _, d := range x64.Grad()[:cols] {
			size = max(size, math.Abs(d))
		}
		for i, v := range y.Data() {
			if want := y64.Data()[i]; math.Abs(float64(v)-want) > 16*u*math.Abs(want) {
				t.Errorf("2^%d: element %d is %g, want %g", exponent, i, v, want)
			}
		}
		for i, d := range x.Grad()[:cols] {
			// From 2^126 on gradients are denormal, multiples of 2^-149.
			if got, want := math.Ldexp(float64(d), exponent), x64.Grad()[i]; math.Abs(got-want) > 32*u*size+math.Ldexp(1, exponent-149) {
				t.Errorf("2^%d: gradient %d is %g, want %g", exponent, i, got, want)
			}
		}
	}
	// Two of the largest numbers, and a length that even then is below eps.
	g := autograd.NewGraph[float32](nil)
	y := g.L2Normalize(autograd.FromSlice([]float32{math.MaxFloat32, -math.MaxFloat32}, 2), 1e-12).Data()
	if math.Abs(float64(y[0])-math.Sqrt2/2) > 2*u || y[1] != -y[0] {
		t.Errorf("the largest numbers give %v", y)
	}
	x := autograd.FromSlice([]float32{1e20, 1e20}, 2).RequireGrad()
	out := g.L2Normalize(x, 1e30)
	g.BackwardFrom(out, []float32{1, 2})
	if y, dx := out.Data(), x.Grad(); y[0] != 0 || y[1] != 0 || dx[0] != 0 || dx[1] != 0 {
		t.Errorf("a row shorter than eps gives %v, gradient %v", y, dx)
	}
}

func TestL2NormalizeWithoutNumbers(t *testing.T) {
	for _, x := range [][]float64{{1, inf, 2}, {-inf, 0, 1e200}, {inf, -inf, inf}, {1, nan, 2}, {nan, inf, 1e200}} {
		y, dx := grads(x, []float64{1, 2, 3}, func(g *graph64, x *tensor64) *tensor64 { return g.L2Normalize(x, 1e-12) })
		equal(t, "L2Normalize", y, []float64{nan, nan, nan})
		equal(t, "L2Normalize gradient", dx, []float64{nan, nan, nan})
	}
}

// TestNaNReachesTheResult: training that diverges must show.
func TestNaNReachesTheResult(t *testing.T) {
	n := newNetwork[float32](nil, 2, 1)
	n.x.Data()[5] = float32(nan)
	if loss := n.gradients(); loss == loss {
		t.Errorf("loss %v of a map with a NaN", loss)
	}
}

func TestBatchNormKeepsStatisticsOutOfTraining(t *testing.T) {
	g := autograd.NewGraph[float64](nil)
	x := autograd.FromSlice([]float64{1, 2, 3, 6}, 4, 1)
	one, mean, variance := autograd.FromSlice([]float64{1}, 1), autograd.New[float64](1), autograd.FromSlice([]float64{1}, 1)
	g.BatchNorm(x, one, one, mean, variance, autograd.BatchNormOptions{})
	equal(t, "running mean after evaluation", mean.Data(), []float64{0})
	equal(t, "running variance after evaluation", variance.Data(), []float64{1})
	g.NoGrad(func() { g.BatchNorm(x, one, one, mean, variance, autograd.BatchNormOptions{Training: true}) })
	near(t, "running mean after training", mean.Data(), []float64{0.1 * 3})
	near(t, "running variance after training", variance.Data(), []float64{0.9 + 0.1*14/3})
}

// TestGatherCopiesItsIndices: they may change before Backward.
func TestGatherCopiesItsIndices(t *testing.T) {
	idx, mask := []int32{1, 1}, []bool{true, false}
	_, dx := grads([]float64{1, 2}, []float64{1, 10}, func(g *graph64, x *tensor64) *tensor64 {
		y := g.GatherRows(x, idx)
		idx[0], idx[1] = 0, 0
		return y
	})
	equal(t, "GatherRows gradient", dx, []float64{0, 11})
	_, dx = grads([]float64{1, 2}, []float64{1, 10}, func(g *graph64, x *tensor64) *tensor64 {
		y := g.Where(mask, x, g.AddConst(x, 1))
		mask[0], mask[1] = false, false
		return y
	})
	equal(t, "Where gradient", dx, []float64{1, 10})
}
