package hopfield

import "anomem/autograd"

// Deviation is eq. 8, Δ = z - HF(z), for z [... C]: what of each feature the memory
// of patterns [N C] does not account for. Both terms are on the scale of the
// similarity: under Unit Δ = ẑ - HF(z). It panics where Retrieve does.
func Deviation[T autograd.Float](g *autograd.Graph[T], z, patterns *autograd.Tensor[T], c Config) *autograd.Tensor[T] {
	return g.Sub(Normalize(g, z, c.Similarity), Retrieve(g, z, patterns, c))
}

// CosineDeviation is 1 - cos(z, HF(z)) for each row of z [... C], whose shape it
// returns without the last axis: 0 where the memory returns the feature's
// direction, 1 where it returns nothing alike, 2 at most. The angle is taken on the
// scale of the similarity. A row without direction gives 1. It panics where Retrieve
// does.
func CosineDeviation[T autograd.Float](g *autograd.Graph[T], z, patterns *autograd.Tensor[T], c Config) *autograd.Tensor[T] {
	here := Normalize(g, z, c.Similarity)
	return cosineDeviation(g, here, Retrieve(g, z, patterns, c))
}

// Deviations returns what Deviation and CosineDeviation return, for one retrieval.
func Deviations[T autograd.Float](g *autograd.Graph[T], z, patterns *autograd.Tensor[T], c Config) (delta, cosine *autograd.Tensor[T]) {
	here, there := Normalize(g, z, c.Similarity), Retrieve(g, z, patterns, c)
	return g.Sub(here, there), cosineDeviation(g, here, there)
}

func cosineDeviation[T autograd.Float](g *autograd.Graph[T], here, there *autograd.Tensor[T]) *autograd.Tensor[T] {
	cos := g.Sum(g.Mul(g.L2Normalize(here, shortest), g.L2Normalize(there, shortest)), false, -1)
	return g.AddConst(g.Neg(cos), 1)
}
