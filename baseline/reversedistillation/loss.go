package reversedistillation

import "anomem/autograd"

// shortest keeps features of length 0 out of a division by 0.
const shortest = 1e-8

// loss is that of the authors' code, of the teacher's maps and the student's: with each map of an
// image taken as one vector,
//
//	Σ_k (1 - mean over images of cos(t_k, s_k))
func loss[T autograd.Float](g *autograd.Graph[T], teacher, student [levels]*autograd.Tensor[T]) *autograd.Tensor[T] {
	var sum *autograd.Tensor[T]
	for k, t := range teacher {
		n := t.Dim(0)
		cosine := g.Mean(likeness(g, g.Reshape(t, n, t.Len()/n), g.Reshape(student[k], n, t.Len()/n)), false)
		l := g.AddConst(g.Neg(cosine), 1)
		if sum == nil {
			sum = l
		} else {
			sum = g.Add(sum, l)
		}
	}
	return sum
}

// likeness returns the cosines of the vectors along the last axis of two tensors.
func likeness[T autograd.Float](g *autograd.Graph[T], a, b *autograd.Tensor[T]) *autograd.Tensor[T] {
	return g.Sum(g.Mul(g.L2Normalize(a, shortest), g.L2Normalize(b, shortest)), false, a.Rank()-1)
}
