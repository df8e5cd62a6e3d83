package train

import (
	"anomem/autograd"
	"anomem/hopfield"
)

// itself answers a query with its own direction: with it, eq. 4 is eq. 2.
type itself[T autograd.Float] struct{}

// Retrieve implements hopfield.Retriever. Gradients pass through it.
func (itself[T]) Retrieve(g *autograd.Graph[T], query *autograd.Tensor[T]) *autograd.Tensor[T] {
	return hopfield.Normalize(g, query, hopfield.Unit)
}

// Scale implements hopfield.Retriever.
func (itself[T]) Scale() hopfield.Similarity { return hopfield.Unit }
