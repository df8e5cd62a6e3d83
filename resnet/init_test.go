package resnet

import (
	"math"
	"strings"
	"testing"

	"anomem/autograd"
	"anomem/nn"
)

// TestInit: convolutions are normal with variance 2/(out·kh·kw), fc is uniform, norms
// are 1 and 0, as in torchvision.
func TestInit(t *testing.T) {
	net := newNet[float64](t, Config{Depth: 50, Width: 0.25, Classes: 10})
	nn.Init(net, 3)
	for _, e := range nn.Entries(net, "") {
		v := e.Tensor.Data()
		n := float64(len(v))
		switch {
		case e.Tensor.Rank() == 4:
			fanOut := float64(e.Tensor.Dim(0) * e.Tensor.Dim(1) * e.Tensor.Dim(3))
			mean, square := moments(v)
			variance := 2 / fanOut
			// Five standard deviations of the estimates.
			if math.Abs(mean) > 5*math.Sqrt(variance/n) || math.Abs(square/variance-1) > 5*math.Sqrt(2/n) {
				t.Errorf("%s: mean %g, mean square %g, want 0, %g", e.Name, mean, square, variance)
			}
		case strings.HasPrefix(e.Name, "fc."):
			bound := 1 / math.Sqrt(512)
			for _, x := range v {
				if math.Abs(x) > bound {
					t.Fatalf("%s: %g is beyond %g", e.Name, x, bound)
				}
			}
			_, square := moments(v)
			if variance := bound * bound / 3; math.Abs(square/variance-1) > 5*math.Sqrt(0.8/n) {
				t.Errorf("%s: mean square %g, want %g", e.Name, square, variance)
			}
		default:
			want := 0.0
			if strings.HasSuffix(e.Name, "weight") || strings.HasSuffix(e.Name, "running_var") {
				want = 1
			}
			for _, x := range v {
				if x != want {
					t.Fatalf("%s: %g, want %g", e.Name, x, want)
				}
			}
		}
	}
}

func moments(v []float64) (mean, square float64) {
	for _, x := range v {
		mean += x
		square += x * x
	}
	return mean / float64(len(v)), square / float64(len(v))
}

// TestZeroInitIsIdentity: with ZeroInit a block without a shortcut returns what it is
// given, which is positive behind the ReLU before it.
func TestZeroInitIsIdentity(t *testing.T) {
	for _, depth := range []int{18, 50} {
		net := newNet[float64](t, Config{Depth: depth, Width: 1.0 / 16, Stem: Small, ZeroInit: true})
		nn.Init(net, 1)
		g := autograd.NewGraph[float64](nil)
		x := net.stages[1][0].Forward(g, net.stages[0].Forward(g, net.stem.forward(g, formulaInput[float64](2, 8))))
		y := net.stages[1][1].Forward(g, x)
		some := false
		for i, v := range x.Data() {
			if y.Data()[i] != v {
				t.Fatalf("ResNet-%d: element %d is %g, was %g", depth, i, y.Data()[i], v)
			}
			some = some || v > 0
		}
		if !some {
			t.Errorf("ResNet-%d: the map is zero", depth)
		}
	}
}
