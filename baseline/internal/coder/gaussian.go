package coder

import (
	"anomem/autograd"
	"anomem/baseline/internal/learn"
	"anomem/nn/rng"
)

// mostLog bounds logarithms of variances, so that their exponentials stay finite.
const mostLog = 10

// Split returns the means [N C] and the logarithms of the variances [N C] of normal distributions
// that a network gives as [N 2C].
func Split[T autograd.Float](g *autograd.Graph[T], x *autograd.Tensor[T]) (mean, logs *autograd.Tensor[T]) {
	c := x.Dim(1) / 2
	return g.Slice(x, 1, 0, c), g.Clamp(g.Slice(x, 1, c, 2*c), -mostLog, mostLog)
}

// Draw returns a draw of normal distributions, mean + exp(logs/2)·noise, through which gradients
// pass (D. P. Kingma and M. Welling, ICLR 2014). The noise is drawn by Noise.
func Draw[T autograd.Float](g *autograd.Graph[T], mean, logs, noise *autograd.Tensor[T]) *autograd.Tensor[T] {
	return g.Add(mean, g.Mul(g.Exp(g.Scale(logs, 0.5)), noise))
}

// Noise returns numbers of the standard normal distribution, those of a step and a name.
func Noise[T autograd.Float](g *autograd.Graph[T], seed uint64, name string, step int, dims ...int) *autograd.Tensor[T] {
	x := g.NewTensor(dims...)
	r := rng.New(seed, rng.Name(name), uint64(step))
	for i := range x.Data() {
		x.Data()[i] = T(r.Norm())
	}
	return x
}

// Divergence returns the Kullback-Leibler divergence of each row's normal distribution [N C] from
// one with the given mean in each dimension and variance 1, as [N]:
//
//	1/2 Σ (exp(logs) + (mean - prior)² - 1 - logs)
func Divergence[T autograd.Float](g *autograd.Graph[T], mean, logs *autograd.Tensor[T], prior float64) *autograd.Tensor[T] {
	square := g.Square(g.AddConst(mean, T(-prior)))
	each := g.AddConst(g.Sub(g.Add(g.Exp(logs), square), logs), -1)
	return g.Scale(g.Sum(each, false, 1), 0.5)
}

// Bound is the negative of the evidence's lower bound, up to constants: the mean over images x, made
// anew as y, of
//
//	|x - y|² + β·KL(N(mean, exp(logs)) ‖ N(prior, 1))
func Bound[T autograd.Float](g *autograd.Graph[T], x, y, mean, logs *autograd.Tensor[T], prior, weight float64) *autograd.Tensor[T] {
	each := g.Add(learn.SquaredError(g, x, y), g.Scale(Divergence(g, mean, logs, prior), T(weight)))
	return g.Mean(each, false)
}
