package anomem_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"anomem"
	"anomem/autograd"
	"anomem/nn"
	"anomem/nn/rng"
)

func normal[T autograd.Float](seed uint64, dims ...int) *autograd.Tensor[T] {
	t := autograd.New[T](dims...)
	r := rng.New(seed)
	for i := range t.Data() {
		t.Data()[i] = T(r.Norm())
	}
	return t
}

func TestScoresByHand(t *testing.T) {
	g := autograd.NewGraph[float64](nil)
	delta := autograd.FromSlice([]float64{3, 0, 0, 4, 0, 0, 0, 0, 1, 2, 2, 4}, 3, 1, 2, 2)
	norms := anomem.MapNorm(g, delta)
	for i, want := range []float64{5, 0, 5} {
		if got := norms.Data()[i]; math.Abs(got-want) > 1e-15 {
			t.Errorf("norm of map %d is %g, want %g", i, got, want)
		}
	}
	merged := anomem.MergeScores(g, []*autograd.Tensor[float64]{norms, autograd.FromSlice([]float64{8, 1, 2}, 3)}, []float64{1, 2})
	for i, want := range []float64{7, 2. / 3, 3} {
		if got := merged.Data()[i]; math.Abs(got-want) > 1e-15 {
			t.Errorf("merged score %d is %g, want %g", i, got, want)
		}
	}
}

func TestScoreGradients(t *testing.T) {
	type tensors = []*autograd.Tensor[float64]
	delta := normal[float64](1, 3, 5, 4, 2)
	head := anomem.NewHead[float64](2, 2, 6)
	nn.Init[float64](head, 7)
	h, o := head.Hidden, head.Out
	for name, c := range map[string]struct {
		f  func(g *autograd.Graph[float64], in []*autograd.Tensor[float64]) *autograd.Tensor[float64]
		in tensors
	}{
		"MapNorm": {func(g *autograd.Graph[float64], in []*autograd.Tensor[float64]) *autograd.Tensor[float64] {
			return anomem.MapNorm(g, in[0])
		}, tensors{delta}},
		"MergeScores": {func(g *autograd.Graph[float64], in []*autograd.Tensor[float64]) *autograd.Tensor[float64] {
			return anomem.MergeScores(g, in, []float64{1, 2, 0.5})
		}, tensors{normal[float64](2, 4), normal[float64](3, 4), normal[float64](4, 4)}},
		"Head": {func(g *autograd.Graph[float64], in []*autograd.Tensor[float64]) *autograd.Tensor[float64] {
			head := anomem.Head[float64]{Pool: 2, Hidden: &nn.Linear[float64]{Weight: in[1], Bias: in[2]}, Out: &nn.Linear[float64]{Weight: in[3], Bias: in[4]}}
			return head.Forward(g, in[0])
		}, tensors{delta, h.Weight, h.Bias, o.Weight, o.Bias}},
	} {
		if err := autograd.GradCheck(name, c.f, c.in); err != nil {
			t.Error(err)
		}
	}
}

// A map of zeros, in float32, passes a gradient of zeros.
func TestZeroMap(t *testing.T) {
	g := autograd.NewGraph[float32](nil)
	delta := autograd.New[float32](2, 3, 3, 4).RequireGrad()
	delta.Data()[40] = 2
	g.Backward(g.Sum(anomem.MapNorm(g, delta), false))
	want := make([]float32, 72)
	want[40] = 1
	if !slices.Equal(delta.Grad(), want) {
		t.Errorf("gradient %v", delta.Grad())
	}
}

func TestHeadNamesItsParameters(t *testing.T) {
	var got []string
	for _, p := range nn.Entries[float32](anomem.NewHead[float32](2, 8, 16), "head.3") {
		got = append(got, fmt.Sprint(p.Name, p.Tensor.Shape()))
	}
	want := []string{"head.3.hidden.weight[16 32]", "head.3.hidden.bias[16]", "head.3.out.weight[1 16]", "head.3.out.bias[1]"}
	if !slices.Equal(got, want) {
		t.Errorf("parameters %q, want %q", got, want)
	}
}

func TestWrongScoresPanic(t *testing.T) {
	g := autograd.NewGraph[float32](nil)
	one := autograd.New[float32](3)
	for want, f := range map[string]func(){
		"anomem: MapNorm: shape [3]":                       func() { anomem.MapNorm(g, one) },
		"anomem: Head: shape [3]":                          func() { anomem.NewHead[float32](2, 2, 2).Forward(g, one) },
		"anomem: MergeScores: 1 scores with weights [1 2]": func() { anomem.MergeScores(g, []*autograd.Tensor[float32]{one}, []float64{1, 2}) },
		"anomem: MergeScores: 1 scores with weights [0]":   func() { anomem.MergeScores(g, []*autograd.Tensor[float32]{one}, []float64{0}) },
		"anomem: MergeScores: weights [-1]":                func() { anomem.MergeScores(g, []*autograd.Tensor[float32]{one}, []float64{-1}) },
	} {
		func() {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.HasPrefix(got, want) {
					t.Errorf("panic %q, want %q", got, want)
				}
			}()
			f()
		}()
	}
}
