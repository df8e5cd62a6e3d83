package resnet

import (
	"math"
	"testing"

	"anomem/autograd"
	"anomem/nn"
	"anomem/nn/torchtest"
)

// TestGradients holds the gradient of whole networks, of a quarter of the width, in
// float64, against central differences along random vectors v in the space of the
// input and all parameters:
//
//	Σ v·∂L/∂θ ≈ (L(θ+h·v) - L(θ-h·v)) / 2h
//
// L is the product of the logits with fixed pseudo-random weights. Each tensor's part
// of v is as large as the tensor, so that small tensors count as well.
func TestGradients(t *testing.T) {
	for _, c := range []struct {
		name     string
		config   Config
		size     int
		training bool
	}{
		{"basic, small stem", Config{Depth: 18, Stem: Small}, 8, true},
		{"basic, ImageNet stem", Config{Depth: 18, Stem: ImageNet}, 32, true},
		{"bottleneck, small stem", Config{Depth: 50, Stem: Small}, 8, true},
		{"bottleneck, ImageNet stem, evaluation", Config{Depth: 50, Stem: ImageNet}, 32, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.config.Width, c.config.Classes = 0.25, 3
			checkGradients(t, c.config, c.size, c.training)
		})
	}
}

func checkGradients(t *testing.T, c Config, size int, training bool) {
	net := newNet[float64](t, c)
	fillByFormula(t, net)
	nn.SetTraining(net, training)
	x := formulaInput[float64](4, size).RequireGrad()
	g := autograd.NewGraph[float64](nil)
	weights := torchtest.Formula[float64]("loss", x.Dim(0)*c.Classes)

	g.BackwardFrom(net.Forward(g, x), weights)
	g.Reset()
	theta := []*autograd.Tensor[float64]{x}
	for _, e := range nn.Parameters(net) {
		theta = append(theta, e.Tensor)
	}
	start := make([][]float64, len(theta))
	for i, p := range theta {
		start[i] = append(start[i], p.Data()...)
	}
	value := func(move func(i int, at []float64)) float64 {
		sum := 0.0
		for i := range theta {
			copy(theta[i].Data(), start[i])
			move(i, theta[i].Data())
		}
		g.NoGrad(func() {
			for i, y := range net.Forward(g, x).Data() {
				sum += weights[i] * y
			}
		})
		g.Reset()
		return sum
	}
	const h = 1e-7
	for _, direction := range []string{"first", "second", "third", "fourth"} {
		v := make([][]float64, len(theta))
		gradient := 0.0
		for i, p := range theta {
			_, square := moments(start[i])
			v[i] = torchtest.Formula[float64](direction+string(rune('a'+i)), p.Len())
			for j := range v[i] {
				v[i][j] *= math.Sqrt(square)
				gradient += v[i][j] * p.Grad()[j]
			}
		}
		along := func(h float64) float64 {
			return value(func(i int, at []float64) {
				for j := range at {
					at[j] += h * v[i][j]
				}
			})
		}
		numeric := (along(h) - along(-h)) / (2 * h)
		if math.Abs(gradient-numeric) > 1e-6+1e-4*math.Abs(numeric) {
			t.Errorf("along the %s vector: gradient %.10g, central difference %.10g", direction, gradient, numeric)
		}
		t.Logf("along the %s vector: gradient %.10g, central difference %.10g", direction, gradient, numeric)
	}
}
