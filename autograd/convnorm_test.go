package autograd_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"anomem/autograd"
	"anomem/simd/pool"
)

// fusedCase is a chain of two units on x, the second with a residual or not.
type fusedCase struct {
	n, h, w, cin, k, cout int
	conv                  autograd.Conv
}

var fusedCases = []fusedCase{
	{3, 7, 5, 8, 3, 12, autograd.Conv{PadH: 1, PadW: 1}},                            // Winograd, odd
	{2, 16, 16, 16, 3, 16, autograd.Conv{PadH: 1, PadW: 1}},                         // four chunks of sums
	{9, 12, 12, 20, 1, 24, autograd.Conv{}},                                         // a product
	{4, 9, 9, 3, 3, 5, autograd.Conv{StrideH: 2, StrideW: 2, PadH: 1, PadW: 1}},     // rows of the filter in one tap
	{4, 8, 8, 20, 1, 7, autograd.Conv{StrideH: 2, StrideW: 2}},                      // phases without taps
	{74, 15, 15, 16, 3, 3, autograd.Conv{StrideH: 1, StrideW: 1, PadH: 2, PadW: 1}}, // several products, none of whole chunks
	{68, 32, 32, 16, 3, 2, autograd.Conv{StrideH: 2, StrideW: 2, PadH: 1, PadW: 1}}, // several products of whole chunks
	{1, 2, 1, 1, 1, 1, autograd.Conv{}},                                             // two values a channel
	{2, 30, 30, 3, 7, 4, autograd.Conv{StrideH: 2, StrideW: 2, PadH: 3, PadW: 3}},   // a stem
	{2, 11, 13, 17, 3, 9, autograd.Conv{StrideH: 3, StrideW: 2, PadH: 0, PadW: 1}},  // odd everything
	{2, 5, 5, 130, 3, 129, autograd.Conv{StrideH: 1, StrideW: 1, PadH: 1, PadW: 1}}, // many channels
	{40, 14, 14, 16, 3, 3, autograd.Conv{StrideH: 1, StrideW: 1, PadH: 1, PadW: 2}}, // direct, one table
}

// fusedMode is how a case is computed.
type fusedMode struct {
	training, residual, relu bool
	frozen                   string // which inputs need no gradient: letters of x, w, n, r
}

func (m fusedMode) String() string {
	return fmt.Sprintf("training %v, residual %v, ReLU %v, frozen %q", m.training, m.residual, m.relu, m.frozen)
}

// runFused returns the result, all gradients and the running statistics.
func runFused[T autograd.Float](c fusedCase, m fusedMode, p *pool.Pool, fused, discard bool) [][]T {
	g := autograd.NewGraph[T](p)
	g.Poison()
	need := func(t *autograd.Tensor[T], letter string) *autograd.Tensor[T] {
		if !strings.Contains(m.frozen, letter) {
			t.RequireGrad()
		}
		return t
	}
	x := need(random[T](1, c.n, c.h, c.w, c.cin), "x")
	w := need(random[T](2, c.k, c.k, c.cin, c.cout), "w")
	gamma, beta := need(random[T](3, c.cout), "n"), need(random[T](4, c.cout), "n")
	mean, variance := random[T](5, c.cout), random[T](6, c.cout)
	for i := range variance.Data() {
		variance.Data()[i] += 2
	}
	n := autograd.Norm[T]{Gamma: gamma, Beta: beta, RunningMean: mean, RunningVar: variance,
		Options: autograd.BatchNormOptions{Training: m.training, Momentum: 0.3, Eps: 1e-4}}
	unit := func(x, w, r *autograd.Tensor[T], c autograd.Conv, relu bool) *autograd.Tensor[T] {
		if fused {
			return g.ConvNorm(x, w, c, n, r, relu)
		}
		y := g.BatchNorm(g.Conv2D(x, w, nil, c), gamma, beta, mean, variance, n.Options)
		if r != nil {
			y = g.Add(y, r)
		}
		if relu {
			y = g.ReLU(y)
		}
		return y
	}
	drop := func(t *autograd.Tensor[T]) {
		if discard {
			g.Discard(t)
		}
	}

	var r *autograd.Tensor[T]
	var all []*autograd.Tensor[T]
	first := unit(x, w, nil, c.conv, m.relu)
	y := first
	if m.residual { // of shapes alike: itself, and what others use, too
		r = need(random[T](7, y.Shape().Dims()...), "r")
		w2 := need(random[T](8, 1, 1, c.cout, c.cout), "w")
		second := unit(first, w2, r, autograd.Conv{}, m.relu)
		third := unit(second, w2, first, autograd.Conv{}, m.relu)
		drop(first)
		y = unit(third, w2, third, autograd.Conv{}, m.relu)
		y = unit(y, w2, second, autograd.Conv{}, m.relu)
		drop(second)
		drop(third)
		all = append(all, r, w2)
	}
	results := [][]T{slices.Clone(y.Data())}
	y = g.Scale(y, 1)
	g.BackwardFrom(y, random[T](9, y.Len()).Data())
	for _, t := range append(all, x, w, gamma, beta) {
		results = append(results, t.Grad())
	}
	return append(results, mean.Data(), variance.Data())
}

// TestConvNormIsItsComposition: the result, all gradients and the running statistics,
// bit for bit, whatever needs no gradient, is discarded or how many threads there are.
func TestConvNormIsItsComposition(t *testing.T) {
	t.Run("float32", testConvNormIsItsComposition[float32])
	t.Run("float64", testConvNormIsItsComposition[float64])
}

func testConvNormIsItsComposition[T autograd.Float](t *testing.T) {
	four := pool.New(4)
	defer four.Close()
	frozen := []string{"", "x", "w", "n", "xw", "r", "xn"}
	for k, c := range fusedCases {
		if _, double := any(T(0)).(float64); double && c.n > 10 {
			continue // slow, and as the smaller ones
		}
		for i := range 8 {
			m := fusedMode{i&1 == 0, i&2 == 0, i&4 == 0, frozen[(i+k)%len(frozen)]}
			want := runFused[T](c, m, nil, false, false)
			for _, run := range []struct {
				pool           *pool.Pool
				fused, discard bool
			}{{nil, true, false}, {nil, true, true}, {four, true, true}, {nil, false, true}} {
				got := runFused[T](c, m, run.pool, run.fused, run.discard)
				for j := range want {
					if !sameBits(got[j], want[j]) {
						t.Errorf("%+v, %v: tensor %d differs; fused %v, discard %v, %d threads",
							c, m, j, run.fused, run.discard, run.pool.Threads())
					}
				}
			}
		}
	}
}

// TestConvNormWithoutTape: the same where nothing is recorded, in evaluation and in
// training.
func TestConvNormWithoutTape(t *testing.T) {
	for _, c := range fusedCases {
		for _, training := range []bool{false, true} {
			var got [2][]float32
			for i := range got {
				g := autograd.NewGraph[float32](nil)
				g.Poison()
				x, w := random[float32](1, c.n, c.h, c.w, c.cin), random[float32](2, c.k, c.k, c.cin, c.cout)
				n := autograd.Norm[float32]{Gamma: random[float32](3, c.cout), Beta: random[float32](4, c.cout),
					RunningMean: random[float32](5, c.cout), RunningVar: ones(c.cout), Options: autograd.BatchNormOptions{Training: training}}
				residual := random[float32](6, g.Conv2D(x, w, nil, c.conv).Shape().Dims()...)
				if i == 0 {
					y := g.Conv2D(x, w, nil, c.conv)
					y = g.BatchNorm(y, n.Gamma, n.Beta, n.RunningMean, n.RunningVar, n.Options)
					got[i] = g.ReLU(g.Add(y, residual)).Data()
				} else {
					got[i] = g.ConvNorm(x, w, c.conv, n, residual, true).Data()
				}
			}
			if !sameBits(got[1], got[0]) {
				t.Errorf("%+v, training %v: differs from the composition", c, training)
			}
		}
	}
}

func ones(n int) *tensor {
	t := autograd.New[float32](n)
	for i := range t.Data() {
		t.Data()[i] = 1
	}
	return t
}

// TestConvNormKeepsOneMap: a chain keeps a map a unit, and two gradients at a time.
func TestConvNormKeepsOneMap(t *testing.T) {
	const units, size = 8, 4 * 16 * 16 * 16 * 16
	g := autograd.NewGraph[float32](nil)
	n := autograd.Norm[float32]{Gamma: ones(16), Beta: ones(16), Options: autograd.BatchNormOptions{Training: true}}
	y := random[float32](1, 16, 16, 16, 16)
	for i := range units {
		last := y
		y = g.ConvNorm(y, random[float32](i, 1, 1, 16, 16).RequireGrad(), autograd.Conv{}, n, nil, true)
		g.Discard(last)
	}
	g.BackwardFrom(g.Mean(y, false), []float32{1})
	if inUse, most := g.Memory(); most > (units+4)*size || inUse > 2*size {
		t.Errorf("at most %d bytes, %d at the end: %.1f and %.1f maps", most, inUse, float64(most)/size, float64(inUse)/size)
	}
}

// TestConvNormTwice: a second Backward panics.
func TestConvNormTwice(t *testing.T) {
	g := autograd.NewGraph[float32](nil)
	n := autograd.Norm[float32]{Gamma: ones(3), Beta: ones(3), Options: autograd.BatchNormOptions{Training: true}}
	x := random[float32](1, 2, 4, 4, 3).RequireGrad()
	y := g.ConvNorm(x, random[float32](2, 1, 1, 3, 3), autograd.Conv{}, n, nil, true)
	z := g.Square(y)
	g.Discard(y)
	g.Backward(g.Sum(z, false))
	for name, again := range map[string]*tensor{"its result": y, "a discarded result": z} {
		func() {
			defer func() {
				if r := fmt.Sprint(recover()); !strings.Contains(r, "a second Backward") || !strings.Contains(r, "ConvNorm") {
					t.Errorf("%s: panic %q", name, r)
				}
			}()
			g.BackwardFrom(again, make([]float32, again.Len()))
		}()
	}
	if !g.Recording() {
		t.Error("not recording after the panic")
	}
}
