package hopfield

import "anomem/autograd"

// Deviation is eq. 8, Δ = z - HF(z), for z [... C] and a memory of patterns [N C]: the
// part of each feature that retrieval does not reproduce. Both terms are on the scale of
// the similarity: under Unit Δ = ẑ - HF(z). The result has the shape of z. Deviation
// panics where Retrieve does.
func Deviation[T autograd.Float](g *autograd.Graph[T], z, patterns *autograd.Tensor[T], c Config) *autograd.Tensor[T] {
	delta, _, _ := deviate(g, z, patterns, c)
	return delta
}

// Deviations returns Deviation and, from the same retrieval, the cosine deviation
// 1 - cos(z, HF(z)) of each row of z [... C], in z's shape without the last axis. It is 0
// where the memory returns the feature's direction, 1 where it returns an orthogonal one,
// and 2 at most. The angle is measured on the scale of the similarity; a row without
// direction gives 1. Deviations panics where Retrieve does.
func Deviations[T autograd.Float](g *autograd.Graph[T], z, patterns *autograd.Tensor[T], c Config) (delta, cosine *autograd.Tensor[T]) {
	delta, feature, found := deviate(g, z, patterns, c)
	cos := g.Sum(g.Mul(g.L2Normalize(feature, shortest), g.L2Normalize(found, shortest)), false, -1)
	return delta, g.AddConst(g.Neg(cos), 1)
}

// deviate returns eq. 8 and its two terms.
func deviate[T autograd.Float](g *autograd.Graph[T], z, patterns *autograd.Tensor[T], c Config) (delta, feature, found *autograd.Tensor[T]) {
	feature, found = Normalize(g, z, c.Similarity), Retrieve(g, z, patterns, c)
	return g.Sub(feature, found), feature, found
}
