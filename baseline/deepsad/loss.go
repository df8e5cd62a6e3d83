package deepsad

import "anomem/autograd"

// shortest is added to the distances of anomalies before they are inverted.
const shortest = 1e-6

// loss is eq. 7 of the paper over a batch of features z [N C] with their centre c [C], without
// the decay of the weights, which is the optimiser's:
//
//	1/N Σ_i l_i,   l_i = |z_i - c|²            of an image that is not labelled
//	               l_i = η/(|z_i - c|² + ε)    of a known anomaly
//
// The normal images are those without a label. The result is a scalar.
func loss[T autograd.Float](g *autograd.Graph[T], z, c *autograd.Tensor[T], normal []bool, eta float64) *autograd.Tensor[T] {
	near := distances(g, z, c)
	one := autograd.FromSlice([]T{T(eta)}, 1)
	far := g.Div(g.BroadcastTo(one, len(normal)), g.AddConst(near, shortest))
	return g.Mean(g.Where(normal, near, far), false)
}

// distances returns |z_i - c|² of each row of z [N C], as [N].
func distances[T autograd.Float](g *autograd.Graph[T], z, c *autograd.Tensor[T]) *autograd.Tensor[T] {
	return g.Sum(g.Square(g.Sub(z, c)), false, 1)
}
