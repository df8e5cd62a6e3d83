package train

import (
	"context"
	"math"
	"slices"
	"testing"

	"anomem/autograd"
	"anomem/hopfield"
	"anomem/loss"
	"anomem/nn/rng"
)

// Eq. 4 without a memory is eq. 2, with its gradient.
func TestItselfIsSimCLR(t *testing.T) {
	r := rng.New(1)
	z, zp := autograd.New[float64](4, 6), autograd.New[float64](4, 6)
	for i := range z.Data() {
		z.Data()[i], zp.Data()[i] = r.Norm(), r.Norm()
	}
	normal, c := []bool{true, false, true, true}, loss.DefaultContrast()
	f := func(g *autograd.Graph[float64], in []*autograd.Tensor[float64]) *autograd.Tensor[float64] {
		return loss.Contrasted(g, in[0], in[1], normal, hopfield.Retriever[float64](itself[float64]{}), c)
	}
	g := autograd.NewGraph[float64](nil)
	got, want := f(g, []*autograd.Tensor[float64]{z, zp}).Item(), loss.SimCLR(g, z, zp, c.Tau).Item()
	if math.Abs(got-want) > 1e-12 {
		t.Errorf("loss %v, want %v", got, want)
	}
	if err := autograd.GradCheck("memoryless", f, []*autograd.Tensor[float64]{z, zp}); err != nil {
		t.Error(err)
	}
}

// Steps leave the patterns as they are, which are filled afterwards.
func TestMemoryless(t *testing.T) {
	ctx := context.Background()
	o := smallOptions()
	o.Joint, o.Memoryless = 0, true
	s := newStage(t, smallConfig(), o, uprights("a", 12))
	var first [][]float32
	for step := range 3 {
		if _, err := s.Next(ctx); err != nil {
			t.Fatal(err)
		}
		for i, m := range s.Parts.Memories {
			if step == 0 {
				first = append(first, slices.Clone(m.Patterns.Data()))
			} else if !slices.Equal(first[i], m.Patterns.Data()) {
				t.Errorf("step %d: scale %d: the patterns have changed", step, i+1)
			}
		}
	}
	if err := s.fillAfter(ctx); err != nil {
		t.Fatal(err)
	}
	for i, m := range s.Parts.Memories {
		if slices.Equal(first[i], m.Patterns.Data()) {
			t.Errorf("scale %d: the patterns are those of the start", i+1)
		}
	}
}
