package loss

import "anomem/autograd"

// VICRegConfig holds the weights of VICReg.
type VICRegConfig struct {
	Invariance, Variance, Covariance float64
	Gamma                            float64 // the target of the standard deviations
	Eps                              float64 // added to variances
}

// DefaultVICReg returns Bardes et al.'s weights: 25, 25, 1, γ = 1.
func DefaultVICReg() VICRegConfig {
	return VICRegConfig{Invariance: 25, Variance: 25, Covariance: 1, Gamma: 1, Eps: 1e-4}
}

// VICReg is Bardes et al. 2022, eq. 6, for the views z and zp [B C]: the weighted sum of
// the mean squared difference of the views and, for each view, the mean shortfall of its
// channels' standard deviations from Gamma and the sum of the squared covariances of
// different channels over C. Variances are over B - 1, and 0 for a single row. The result
// is a scalar. VICReg panics on other shapes and without rows.
func VICReg[T autograd.Float](g *autograd.Graph[T], z, zp *autograd.Tensor[T], c VICRegConfig) *autograd.Tensor[T] {
	checkViews("VICReg", z, zp)
	same := g.Mean(g.Square(g.Sub(z, zp)), false)
	a, b := moments(g, z, c), moments(g, zp, c)
	return g.Add(g.Scale(same, T(c.Invariance)), g.Add(a, b))
}

// moments is the sum of the variance and covariance terms of one view [B C].
func moments[T autograd.Float](g *autograd.Graph[T], x *autograd.Tensor[T], c VICRegConfig) *autograd.Tensor[T] {
	batch, channels := x.Dim(0), x.Dim(1)
	over := T(1 / float64(max(batch-1, 1)))
	centred := g.Sub(x, g.Mean(x, true, 0))

	variance := g.Scale(g.Sum(g.Square(centred), false, 0), over)
	std := g.Sqrt(g.AddConst(variance, T(c.Eps)))
	spread := g.Mean(g.MaxConst(g.AddConst(g.Neg(std), T(c.Gamma)), 0), false)

	cov := g.Scale(g.MatMul(centred, centred, true, false), over)
	off := g.Mul(g.Square(cov), diagonal(g, channels, T(1/float64(channels)), 0))
	return g.Add(g.Scale(spread, T(c.Variance)), g.Scale(g.Sum(off, false), T(c.Covariance)))
}
