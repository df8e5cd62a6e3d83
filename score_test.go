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

// A map of zeros in float32 passes on a gradient of zeros.
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
	for _, p := range nn.Entries[float32](anomem.NewHead[float32](anomem.HeadConfig{Pool: 2, Hidden: 16}, 8), "head.3") {
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
		"anomem: Head: shape [3]":                          func() { anomem.NewHead[float32](anomem.HeadConfig{Pool: 2, Hidden: 2}, 2).Forward(g, one) },
		"anomem: MergeScores: 1 scores with weights [1 2]": func() { anomem.MergeScores(g, []*autograd.Tensor[float32]{one}, []float64{1, 2}) },
		"anomem: MergeScores: 1 scores with weights [0]":   func() { anomem.MergeScores(g, []*autograd.Tensor[float32]{one}, []float64{0}) },
		"anomem: MergeScores: shapes [3] and [2] differ": func() {
			anomem.MergeScores(g, []*autograd.Tensor[float32]{one, autograd.New[float32](2)}, []float64{1, 1})
		},
		"anomem: MergeScores: weights [-1]": func() { anomem.MergeScores(g, []*autograd.Tensor[float32]{one}, []float64{-1}) },
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

// TestLocalHead checks that a local head gives each cell the distance that a head of one
// cell gives it alone, also for stored cells.
func TestLocalHead(t *testing.T) {
	const n, pool, channels, hidden = 3, 2, 5, 7
	local := anomem.NewHead[float32](anomem.HeadConfig{Pool: pool, Hidden: hidden, Local: true}, channels)
	nn.Init(local, 1)
	one := &anomem.Head[float32]{Pool: 1, Side: 1, Hidden: local.Hidden, Out: local.Out}
	g := autograd.NewGraph[float32](nil)
	delta := autograd.New[float32](n, 4, 4, channels)
	r := rng.New(2)
	for i := range delta.Data() {
		delta.Data()[i] = float32(r.Norm())
	}
	got := local.Forward(g, delta)
	if got.Len() != n*pool*pool || got.Rank() != 1 {
		t.Fatalf("distances of shape %v", got.Shape())
	}
	if stored := local.Cells(g, g.AvgPoolTo(delta, pool, pool)); !slices.Equal(stored.Data(), got.Data()) {
		t.Errorf("of stored cells %v, of maps %v", stored.Data(), got.Data())
	}
	seen := map[float32]bool{}
	for i, want := range got.Data() {
		cell := autograd.New[float32](1, 2, 2, channels)
		for k := range cell.Data() {
			y, x := k/(2*channels)+i/pool%pool*2, k/channels%2+i%pool*2
			cell.Data()[k] = delta.Data()[((i/(pool*pool)*4+y)*4+x)*channels+k%channels]
		}
		if d := one.Forward(g, cell).Item(); d != want {
			t.Errorf("cell %d: %v alone, %v among others", i, d, want)
		}
		seen[want] = true
	}
	if len(seen) < 10 {
		t.Errorf("distances %v: too few differ", got.Data())
	}
}
