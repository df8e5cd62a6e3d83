package piad

import (
	"math"

	"anomem/autograd"
	"anomem/nn"
	"anomem/nn/optim"
	"anomem/nn/rng"
)

// critic is a network that is trained to give high numbers to real rows and low ones to made rows,
// with slopes of about 1 (I. Gulrajani et al., Improved training of Wasserstein GANs, NeurIPS 2017).
type critic struct {
	net    nn.Module[float32]
	params []nn.Entry[float32]
	adam   *optim.Adam[float32]
	name   uint64
	seed   uint64
}

func newCritic(net nn.Module[float32], name string, seed uint64) *critic {
	c := &critic{net: net, params: nn.Parameters(net), adam: optim.NewAdam(net, 0), name: rng.Name(name), seed: seed}
	c.adam.Beta1 = 0
	return c
}

// step makes a step of training on g, which it resets.
func (c *critic) step(g *autograd.Graph[float32], real, made []float32, shape autograd.Shape, step int, rate float64) {
	between := mixed(real, made, shape.Dim(0), rng.New(c.seed, c.name, uint64(step)))
	along := c.steepest(g, between, shape)
	c.adam.ZeroGrad()
	tensor := func(x []float32) *autograd.Tensor[float32] { return autograd.FromSlice(x, shape.Dims()...) }
	g.Backward(criticLoss(g, c.net, tensor(real), tensor(made), tensor(between), tensor(along)))
	g.Reset()
	c.adam.Step(rate)
}

// mixed returns rows between real and made ones, each at a place of its own that is drawn.
func mixed(real, made []float32, n int, r rng.Stream) []float32 {
	x, c := make([]float32, len(real)), len(real)/n
	for i := range n {
		u := float32(r.Float64())
		for k := i * c; k < (i+1)*c; k++ {
			x[k] = real[k] + float32(u*(made[k]-real[k]))
		}
	}
	return x
}

// steepest returns the direction of length 1 in which the critic rises most at each row of x.
func (c *critic) steepest(g *autograd.Graph[float32], x []float32, shape autograd.Shape) []float32 {
	leaf := autograd.FromSlice(x, shape.Dims()...).RequireGrad()
	g.Backward(g.Sum(c.net.Forward(g, leaf), false))
	g.Reset()
	along := leaf.Grad()
	n := len(x) / shape.Dim(0)
	for lo := 0; lo < len(x); lo += n {
		row, sum := along[lo:lo+n], 0.
		for _, v := range row {
			sum += float64(v) * float64(v)
		}
		scale := float32(1 / max(math.Sqrt(sum), 1e-12))
		for i := range row {
			row[i] *= scale
		}
	}
	return along
}

const (
	penalty = 10  // λ, the weight of slopes other than 1
	reach   = 0.1 // ε, the distance to either side at which a slope is measured
)

// criticLoss is
//
//	mean D(made) - mean D(real) + λ · mean (s - 1)²
//	s = (D(x + ε·u) - D(x - ε·u)) / 2ε
//
// for rows x between real and made ones. Where u is the direction of the gradient, s is its length up
// to a term in ε², and so is its derivative by the weights: the finite form of the gradient penalty,
// which takes no derivative of a derivative.
func criticLoss[T autograd.Float](g *autograd.Graph[T], d nn.Module[T], real, made, x, u *autograd.Tensor[T]) *autograd.Tensor[T] {
	n := real.Dim(0)
	up, down := g.Add(x, g.Scale(u, reach)), g.Sub(x, g.Scale(u, reach))
	all := d.Forward(g, g.Concat(0, real, made, up, down))
	part := func(k int) *autograd.Tensor[T] { return g.Slice(all, 0, k*n, (k+1)*n) }
	slope := g.Scale(g.Sub(part(2), part(3)), 1/(2*reach))
	off := g.Mean(g.Square(g.AddConst(slope, -1)), false)
	return g.Add(g.Sub(g.Mean(part(1), false), g.Mean(part(0), false)), g.Scale(off, penalty))
}
