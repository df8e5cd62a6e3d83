package loss

import (
	"fmt"
	"math"

	"anomem/autograd"
	"anomem/hopfield"
)

// Spread configures eq. 6.
type Spread struct {
	Hinge  float64 // > 0: the mean of max(Hinge - std, 0); 0: minus the mean of std, as printed
	PerRow bool    // the variance is that of a row over its channels, not of a channel over the batch
	Eps    float64 // added to variances
}

// DefaultSpread returns the variance of channels, hinged at 1 as in VICReg. Without a
// hinge the loss has no lower bound.
func DefaultSpread() Spread { return Spread{Hinge: 1, Eps: 1e-4} }

// Variance is eq. 6,
//
//	L_V(z, y) = -1/Σ_k y_k · Σ_k y_k·√Var[Mem(z_k, y_k)]
//
// for z [B C] and the B labels normal. Var is the biased variance of each channel over the
// batch's normal rows, and the mean is over channels; PerRow exchanges rows and channels.
// For a memory under Unit √Var is multiplied by √C, which bounds it by about 1. With fewer
// than two normal rows (PerRow: none) the loss is 0 and passes no gradient. The result is
// a scalar. Variance panics where the memory does, on other shapes, on another number of
// labels, and, if a row is normal, unless s.Hinge >= 0 and s.Eps > 0.
func Variance[T autograd.Float](g *autograd.Graph[T], z *autograd.Tensor[T], normal []bool, memory hopfield.Retriever[T], s Spread) *autograd.Tensor[T] {
	_, found := hopfield.Recall(g, z, 1, normal, memory)
	if found == nil {
		return zero(g)
	}
	return spread(g, found, 1, memory.Scale(), s)
}

// spread is the mean over p locations of eq. 6, given the memory's answers x [p·R C] for
// the R normal rows of each.
func spread[T autograd.Float](g *autograd.Graph[T], x *autograd.Tensor[T], p int, scale hopfield.Similarity, s Spread) *autograd.Tensor[T] {
	if !(s.Hinge >= 0) || !(s.Eps > 0) {
		panic(fmt.Sprintf("loss: Variance: hinge %g, eps %g: want hinge >= 0 and eps > 0", s.Hinge, s.Eps))
	}
	x = g.Reshape(x, p, x.Dim(0)/p, x.Dim(1))
	axis, least := 1, 2
	if s.PerRow {
		axis, least = 2, 1
	}
	if x.Dim(1) < least {
		return zero(g)
	}
	std := g.Sqrt(g.AddConst(g.Variance(x, false, false, axis), T(s.Eps)))
	if scale == hopfield.Unit {
		std = g.Scale(std, T(math.Sqrt(float64(x.Dim(2)))))
	}
	if s.Hinge > 0 {
		return g.Mean(g.MaxConst(g.AddConst(g.Neg(std), T(s.Hinge)), 0), false)
	}
	return g.Neg(g.Mean(std, false))
}

// zero returns the scalar 0.
func zero[T autograd.Float](g *autograd.Graph[T]) *autograd.Tensor[T] {
	t := g.NewTensor()
	t.Data()[0] = 0
	return t
}
