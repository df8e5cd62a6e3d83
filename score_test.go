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
)

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
