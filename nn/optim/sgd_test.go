package optim

import (
	"math"
	"testing"

	"anomem/autograd"
	"anomem/nn"
)

// two is a weight, which decays, and a bias, which does not.
type two struct{ w, b *autograd.Tensor[float64] }

func (m two) Visit(v nn.Visitor[float64], prefix string) {
	v.Entry(nn.Entry[float64]{Name: "w", Tensor: m.w, Decay: true})
	v.Entry(nn.Entry[float64]{Name: "b", Tensor: m.b})
	v.Entry(nn.Entry[float64]{Name: "buffer", Tensor: autograd.FromSlice([]float64{7}, 1), Buffer: true})
}

// Three steps by hand, with gradients that change, against Nesterov's rule.
func TestSGD(t *testing.T) {
	m := two{autograd.FromSlice([]float64{2}, 1).RequireGrad(), autograd.FromSlice([]float64{-1}, 1).RequireGrad()}
	o := NewSGD[float64](m, 0.9, 0.1)
	o.Step(1)
	if m.w.Data()[0] != 2 || m.b.Data()[0] != -1 {
		t.Fatalf("without a gradient: %v, %v", m.w.Data(), m.b.Data())
	}
	g := autograd.NewGraph[float64](nil)
	w, b, vw, vb := 2.0, -1.0, 0.0, 0.0
	for step := range 3 {
		o.ZeroGrad()
		dw, db := float64(step+1), float64(2-step)
		g.Backward(g.Sum(g.Add(g.Scale(m.w, dw), g.Scale(m.b, db)), false))
		g.Reset()
		if got, want := o.GradNorm(), math.Hypot(dw, db); math.Abs(got-want) > 1e-15*want {
			t.Errorf("step %d: gradient of length %v, want %v", step, got, want)
		}
		lr := 0.5 / float64(step+1)
		o.Step(lr)
		dw += 0.1 * w
		vw, vb = dw+0.9*vw, db+0.9*vb
		w, b = w-lr*(dw+0.9*vw), b-lr*(db+0.9*vb)
		if math.Abs(m.w.Data()[0]-w) > 1e-14 || math.Abs(m.b.Data()[0]-b) > 1e-14 {
			t.Errorf("step %d: %v, %v, want %v, %v", step, m.w.Data(), m.b.Data(), w, b)
		}
	}
}
