package hopfield

import "anomem/autograd"

// Deviation is eq. 8, Δ = z - HF(z), for z [... C]: what of each feature the memory
// of patterns [N C] does not account for. Both terms are on the scale of the
// similarity: under Unit Δ = ẑ - HF(z). It panics where Retrieve does.
func Deviation[T autograd.Float](g *autograd.Graph[T], z, patterns *autograd.Tensor[T], c Config) *autograd.Tensor[T] {
	return g.Sub(Place(g, z, c.Similarity), Retrieve(g, z, patterns, c))
}

// CosineDeviation is 1 - cos(z, HF(z)) for each row of z [... C], whose shape it
// returns without the last axis: 0 where the memory returns the feature's
// direction, 1 where it returns nothing alike, 2 at most. The angle is taken on the
// scale of the similarity. A row without direction gives 1. It panics where Retrieve
// does.
func CosineDeviation[T autograd.Float](g *autograd.Graph[T], z, patterns *autograd.Tensor[T], c Config) *autograd.Tensor[T] {
	here := g.L2Normalize(Place(g, z, c.Similarity), shortest)
	there := g.L2Normalize(Retrieve(g, z, patterns, c), shortest)
	return g.AddConst(g.Neg(g.Sum(g.Mul(here, there), false, -1)), 1)
}
