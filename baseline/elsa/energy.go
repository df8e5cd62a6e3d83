package elsa

import (
	"math"

	"anomem/autograd"
)

// shortest keeps features of length 0 out of a division by 0.
const shortest = 1e-12

// likeness returns S, the negative of the paper's energy, of each row of features z [N C], by
// prototypes [P C] of length 1, as [N]:
//
//	S(z) = ln Σ_p exp(cos(z, p)/τ)
//
// It lies between ln P - 1/τ and ln P + 1/τ.
func likeness[T autograd.Float](g *autograd.Graph[T], z, prototypes *autograd.Tensor[T], tau float64) *autograd.Tensor[T] {
	cosine := g.MatMul(g.L2Normalize(z, shortest), prototypes, false, true)
	return g.LogSumExp(g.Scale(cosine, T(1/tau)), false, 1)
}

// most is the largest likeness by n prototypes, the constant C of the paper's loss.
func most(n int, tau float64) float64 { return math.Log(float64(n)) + 1/tau }

// fewest returns the number of prototypes that it takes for likenesses to be positive, so that
// their inverse can be a loss.
func fewest(tau float64) float64 { return math.Exp(1 / tau) }

// loss is that of the second stage, the mean over rows of features z [N C] of
//
//	1/S(z_i)         of an image that is not labelled
//	1/(C - S(z_i))   of a known anomaly
//
// a scalar.
func loss[T autograd.Float](g *autograd.Graph[T], z, prototypes *autograd.Tensor[T], normal []bool, tau float64) *autograd.Tensor[T] {
	s := likeness(g, z, prototypes, tau)
	bound := g.AddConst(g.Neg(s), T(most(prototypes.Dim(0), tau)))
	one := autograd.FromSlice([]T{1}, 1)
	return g.Mean(g.Div(g.BroadcastTo(one, len(normal)), g.Where(normal, s, bound)), false)
}
