package nn

import "anomem/autograd"

// ReLU is the layer y = max(x, 0). It holds nothing.
type ReLU[T Float] struct{}

// Forward keeps the shape of x.
func (ReLU[T]) Forward(g *autograd.Graph[T], x *autograd.Tensor[T]) *autograd.Tensor[T] {
	return g.ReLU(x)
}

// Visit shows nothing.
func (ReLU[T]) Visit(Visitor[T], string) {}
