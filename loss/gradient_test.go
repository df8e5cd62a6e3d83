package loss

import (
	"math"
	"testing"

	"anomem/autograd"
	"anomem/hopfield"
)

// The gradient taken in groups of locations is that of one tape: bit for bit if each scale
// is one group, and within rounding, in less memory, if each location is one.
func TestGradMultiScale(t *testing.T) {
	defer func(was int) { groupSimilarities = was }(groupSimilarities)
	const b, h, w, c = 6, 3, 4, 5
	labels := []bool{true, true, false, true, false, true}
	scales := func() []Scale[float64] {
		var s []Scale[float64]
		for i := range uint64(2) {
			s = append(s, Scale[float64]{
				Z: normal[float64](41+10*i, 1, b, h, w, c).RequireGrad(), Zp: normal[float64](42+10*i, 1, b, h, w, c).RequireGrad(),
				Memory:    &hopfield.Memory[float64]{Patterns: normal[float64](43+10*i, 1, 4, c).RequireGrad(), Config: hopfield.DefaultConfig()},
				Positions: []Position{{0, 3}, {2, 1}, {1, 0}, {2, 2}, {0, 0}}, Weight: 1 + float64(i),
			})
		}
		return s
	}
	leaves := func(s []Scale[float64]) (all []float64) {
		for i := range s {
			for _, x := range []*tensor64{s[i].Z, s[i].Zp, s[i].Memory.(*hopfield.Memory[float64]).Patterns} {
				all = append(all, x.Grad()...)
			}
		}
		return all
	}
	for _, pooled := range []bool{false, true} {
		cfg := DefaultConfig()
		cfg.Pooled = pooled
		g := autograd.NewGraph[float64](nil)
		one := scales()
		l := MultiScale(g, one, labels, cfg)
		wantLoss := l.Item()
		g.Backward(l)
		_, whole := g.Memory()
		want := leaves(one)
		for _, similarities := range []int{1 << 24, 2 * 4 * b * b, 1} {
			groupSimilarities = similarities
			g := autograd.NewGraph[float64](nil)
			some := scales()
			got := GradMultiScale(g, some, labels, cfg)
			bound := 0.0 // one group a scale
			if similarities < 1<<24 && !pooled {
				// Each sum over the locations has at most ten terms of about 1, and rounds a few
				// times more or less.
				bound = 1e-13
			}
			near(t, "loss", got, wantLoss, bound)
			for i, v := range leaves(some) {
				if math.Abs(v-want[i]) > bound {
					t.Fatalf("pooled %v, %d similarities: gradient %d is %v, want %v within %g", pooled, similarities, i, v, want[i], bound)
				}
			}
			if _, most := g.Memory(); similarities == 1 && !pooled && most > 2*whole/3 {
				t.Errorf("a location at a time takes %d bytes, all together %d", most, whole)
			}
		}
	}
}

// A loss that is NaN is returned, and nothing stays on the tape.
func TestGradMultiScaleNotFinite(t *testing.T) {
	z, zp := normal[float64](1, 1, 2, 1, 1, 3), normal[float64](2, 1, 2, 1, 1, 3)
	z.Data()[0] = math.NaN()
	memory := &hopfield.Memory[float64]{Patterns: normal[float64](3, 1, 4, 3), Config: hopfield.DefaultConfig()}
	g := autograd.NewGraph[float64](nil)
	s := []Scale[float64]{{Z: z.RequireGrad(), Zp: zp, Memory: memory, Positions: []Position{{}}, Weight: 1}}
	if v := GradMultiScale(g, s, []bool{true, true}, DefaultConfig()); !math.IsNaN(v) {
		t.Errorf("the loss is %v", v)
	}
	inUse, most := g.Memory()
	g.Reset()
	if free, _ := g.Memory(); inUse != free || most == free {
		t.Errorf("%d bytes are in use, %d after a reset, %d at most", inUse, free, most)
	}
}
