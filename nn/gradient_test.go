package nn

import (
	"testing"

	"anomem/autograd"
	"anomem/nn/rng"
)

func stream(t *testing.T, path ...uint64) rng.Stream {
	return rng.New(7, append([]uint64{rng.Name(t.Name())}, path...)...)
}

// random returns a tensor of normal numbers.
func random[T Float](t *testing.T, n uint64, dims ...int) *autograd.Tensor[T] {
	x := autograd.New[T](dims...)
	fill(x.Data(), Normal(1), stream(t, n))
	return x
}

// checkGradients holds the gradients of all parameters of m and of its input against
// central differences along random vectors.
func checkGradients(t *testing.T, m Module[float64], x *autograd.Tensor[float64]) {
	t.Helper()
	Init(m, 5)
	params := Parameters(m)
	inputs := []*autograd.Tensor[float64]{x}
	for _, p := range params {
		inputs = append(inputs, p.Tensor)
	}
	f := func(g *autograd.Graph[float64], in []*autograd.Tensor[float64]) *autograd.Tensor[float64] {
		// The checker has tensors of its own: let the module use them.
		return replaced(m, in[1:]).Forward(g, in[0])
	}
	if err := autograd.GradCheck(t.Name(), f, inputs, autograd.GradDirections(20)); err != nil {
		t.Error(err)
	}
}

// replaced returns m with params in the place of its parameters, in Visit's order.
func replaced(m Module[float64], params []*autograd.Tensor[float64]) Module[float64] {
	next := func() *autograd.Tensor[float64] {
		p := params[0]
		params = params[1:]
		return p
	}
	switch m := m.(type) {
	case Sequential[float64]:
		var s Sequential[float64]
		for _, sub := range m {
			n := len(Parameters(sub))
			s = append(s, replaced(sub, params[:n]))
			params = params[n:]
		}
		return s
	case *Linear[float64]:
		c := *m
		c.Weight = next()
		if c.Bias != nil {
			c.Bias = next()
		}
		return &c
	case *Conv2D[float64]:
		c := *m
		c.Weight = next()
		if c.Bias != nil {
			c.Bias = next()
		}
		return &c
	case *BatchNorm2D[float64]:
		c := *m
		c.Weight, c.Bias = next(), next()
		// The running statistics stay what they are, for differences to be taken.
		c.RunningMean, c.RunningVar = autograd.New[float64](c.Weight.Len()), autograd.New[float64](c.Weight.Len())
		copy(c.RunningMean.Data(), m.RunningMean.Data())
		copy(c.RunningVar.Data(), m.RunningVar.Data())
		return &c
	}
	return m
}

// TestReplacedKeepsNothing makes sure that checkGradients checks what it says: a
// module whose kind replaced does not know would keep its own parameters.
func TestReplacedKeepsNothing(t *testing.T) {
	m := convnet[float64]()
	old := Parameters(m)
	var fresh []*autograd.Tensor[float64]
	for _, p := range old {
		fresh = append(fresh, autograd.New[float64](dimsOf(p.Tensor)...))
	}
	for i, p := range Parameters(replaced(m, fresh)) {
		if p.Tensor != fresh[i] {
			t.Errorf("%s was not replaced", p.Name)
		}
	}
}

func TestMLPGradients(t *testing.T) {
	checkGradients(t, NewMLP[float64](5, 9, 8, 3), random[float64](t, 1, 6, 5))
	checkGradients(t, NewSequential[float64](NewLinear[float64](4, 3, WithoutBias)), random[float64](t, 2, 2, 3, 4))
}
