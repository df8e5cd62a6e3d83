package memae

import "anomem/autograd"

// shortest keeps divisions by 0 out, as in the authors' code.
const shortest = 1e-12

// address returns the weights ŵ [R N] by which queries z [R C] read the patterns of memory
// [N C] (eqs. 4 to 7 of the paper). They sum to 1 over the patterns:
//
//	w_i  = exp(d(z, m_i)) / Σ_j exp(d(z, m_j)),   d the cosine
//	ŵ'_i = max(w_i - λ, 0)·w_i / (|w_i - λ| + ε)
//	ŵ_i  = ŵ'_i / Σ_j ŵ'_j
//
// λ is the threshold below which a pattern is not read at all. If all weights are below, all ŵ
// are 0.
func address[T autograd.Float](g *autograd.Graph[T], z, memory *autograd.Tensor[T], threshold float64) *autograd.Tensor[T] {
	cosine := g.MatMul(g.L2Normalize(z, shortest), g.L2Normalize(memory, shortest), false, true)
	w := g.Softmax(cosine, 1)
	if threshold == 0 {
		return w
	}
	over := g.AddConst(w, T(-threshold))
	hard := g.Div(g.Mul(g.ReLU(over), w), g.AddConst(g.Abs(over), shortest))
	return g.Div(hard, g.MaxConst(g.Sum(hard, true, 1), shortest))
}

// entropy is the mean over the queries of -Σ_i ŵ_i·ln ŵ_i (eq. 9): reading few patterns is
// cheap.
func entropy[T autograd.Float](g *autograd.Graph[T], weights *autograd.Tensor[T]) *autograd.Tensor[T] {
	return g.Neg(g.Mean(g.Sum(g.Mul(weights, g.Log(g.AddConst(weights, shortest))), false, 1), false))
}
