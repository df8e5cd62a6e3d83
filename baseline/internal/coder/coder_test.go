package coder

import (
	"math"
	"slices"
	"strings"
	"testing"

	"anomem/autograd"
	"anomem/nn"
	"anomem/nn/rng"
)

func draw(seed uint64, dims ...int) *autograd.Tensor[float64] {
	return Noise(autograd.NewGraph[float64](nil), seed, "test", 0, dims...)
}

// An image that is squeezed and made anew has its shape, with norms and without; each parameter has
// a gradient.
func TestShapes(t *testing.T) {
	for _, plain := range []bool{false, true} {
		s := Shape{Side: 16, Channels: 4, Blocks: 3, Plain: plain}
		e, d := NewEncoder[float64](s, 5), NewDecoder[float64](s, 5)
		nn.Init(e, 1)
		nn.Init(d, 2)
		g := autograd.NewGraph[float64](nil)
		z := e.Forward(g, draw(1, 3, 16, 16, 3))
		y := d.Forward(g, z)
		if z.Shape() != autograd.MakeShape(3, 5) || y.Shape() != autograd.MakeShape(3, 16, 16, 3) {
			t.Fatalf("%v, %v", z.Shape(), y.Shape())
		}
		g.Backward(g.Sum(g.Square(y), false))
		entries := append(nn.Parameters(e), nn.Parameters(d)...)
		for _, p := range entries {
			if !slices.ContainsFunc(p.Tensor.Grad(), func(v float64) bool { return v != 0 }) {
				t.Errorf("%s has no gradient", p.Name)
			}
		}
		if norms := len(e.norm); (norms == 0) != plain {
			t.Errorf("plain %t: %d norms", plain, norms)
		}
	}
	for _, s := range []Shape{{Side: 20, Channels: 4, Blocks: 3}, {Side: 16, Blocks: 3}, {Side: 4, Channels: 4, Blocks: 3}} {
		if err := s.Check("test"); err == nil || !strings.HasPrefix(err.Error(), "baseline: test: ") {
			t.Errorf("%+v: %v", s, err)
		}
	}
	if err := (Shape{Side: 24, Channels: 1, Blocks: 3}).Check("test"); err != nil {
		t.Error(err)
	}
}

// A frozen decoder gives what its decoder gives, also after that has changed, and only its input
// has a gradient.
func TestFrozen(t *testing.T) {
	d := NewDecoder[float64](Shape{Side: 8, Channels: 2, Blocks: 2}, 3)
	nn.Init(d, 1)
	f := d.Frozen()
	for k := range 2 {
		for i := range d.in.Weight.Data() {
			d.in.Weight.Data()[i] += float64(k)
		}
		z := draw(1, 4, 3).RequireGrad()
		g := autograd.NewGraph[float64](nil)
		want, got := d.Forward(g, z), f.Forward(g, z)
		if !slices.Equal(want.Data(), got.Data()) {
			t.Error("other images")
		}
		g.Backward(g.Sum(g.Square(got), false))
		if !slices.ContainsFunc(z.Grad(), func(v float64) bool { return v != 0 }) {
			t.Error("no gradient passes")
		}
		for _, p := range nn.Parameters(d) {
			if slices.ContainsFunc(p.Tensor.Grad(), func(v float64) bool { return v != 0 }) {
				t.Errorf("%s has a gradient", p.Name)
			}
		}
	}
}

// The divergence by its definition as an integral, in one dimension, and the gradients.
func TestGaussian(t *testing.T) {
	g := autograd.NewGraph[float64](nil)
	const m, logs, prior = 0.7, -0.4, 2.
	one := func(v float64) *autograd.Tensor[float64] { return autograd.FromSlice([]float64{v}, 1, 1) }
	density := func(x, mean, variance float64) float64 {
		return math.Exp(-(x-mean)*(x-mean)/(2*variance)) / math.Sqrt(2*math.Pi*variance)
	}
	want := 0.
	const step = 1e-3
	for x := -12.; x < 12; x += step {
		p, q := density(x, m, math.Exp(logs)), density(x, prior, 1)
		if p > 1e-300 {
			want += step * p * math.Log(p/q)
		}
	}
	if got := Divergence(g, one(m), one(logs), prior).Data()[0]; math.Abs(got-want) > 1e-6 {
		t.Errorf("%v, want %v", got, want)
	}
	noise := draw(3, 2, 3)
	err := autograd.GradCheck("gaussian", func(g *autograd.Graph[float64], in []*autograd.Tensor[float64]) *autograd.Tensor[float64] {
		mean, logs := Split(g, in[0])
		return g.Add(g.Sum(g.Square(Draw(g, mean, logs, noise)), false), g.Sum(Divergence(g, mean, logs, 1.5), false))
	}, []*autograd.Tensor[float64]{draw(1, 2, 6)})
	if err != nil {
		t.Error(err)
	}
	// Draws have the mean and the variance that they are of.
	n := 20000
	mean, wide := autograd.New[float64](n, 1), autograd.New[float64](n, 1)
	for i := range n {
		mean.Data()[i], wide.Data()[i] = 3, math.Log(4)
	}
	var sum, square float64
	for _, v := range Draw(g, mean, wide, Noise(g, 1, "draws", 7, n, 1)).Data() {
		sum, square = sum+v/float64(n), square+v*v/float64(n)
	}
	if math.Abs(sum-3) > 0.05 || math.Abs(square-sum*sum-4) > 0.15 {
		t.Errorf("draws have the mean %v and the variance %v, want 3 and 4", sum, square-sum*sum)
	}
	if r := rng.New(1, rng.Name("draws"), 7); Noise(g, 1, "draws", 7, 1).Data()[0] != r.Norm() {
		t.Error("noise is not that of its name and step")
	}
}

// Of two images, by the definition.
func TestBound(t *testing.T) {
	const prior, weight = 1.5, 0.3
	x, y, mean, logs := draw(1, 2, 2, 2, 3), draw(2, 2, 2, 2, 3), draw(3, 2, 4), draw(4, 2, 4)
	want := 0.
	for i, v := range x.Data() {
		want += (v - y.Data()[i]) * (v - y.Data()[i]) / 2
	}
	for i, m := range mean.Data() {
		l := logs.Data()[i]
		want += weight * 0.5 * (math.Exp(l) + (m-prior)*(m-prior) - 1 - l) / 2
	}
	f := func(g *autograd.Graph[float64], in []*autograd.Tensor[float64]) *autograd.Tensor[float64] {
		return Bound(g, x, in[0], in[1], in[2], prior, weight)
	}
	in := []*autograd.Tensor[float64]{y, mean, logs}
	if got := f(autograd.NewGraph[float64](nil), in).Item(); math.Abs(got-want) > 1e-9 {
		t.Errorf("%v, want %v", got, want)
	}
	if err := autograd.GradCheck("bound", f, in); err != nil {
		t.Error(err)
	}
}
