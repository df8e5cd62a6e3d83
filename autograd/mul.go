package autograd

import "anomem/simd"

// Mul returns the element-wise product a·b, broadcast as in BroadcastTo.
//
//	y = a·b      da += b·dy      db += a·dy
func (g *Graph[T]) Mul(a, b *Tensor[T]) *Tensor[T] {
	return binary(g, "Mul", a, b, mulFunc[T]{}, noTmp)
}

type mulFunc[T Float] struct{}

func (mulFunc[T]) value(y, a, b []T) { simd.Mul(y, a, b) }

func (mulFunc[T]) gradient(da, db, dy, a, b, _, _ []T) {
	if da != nil {
		simd.MulAdd(da, b, dy)
	}
	if db != nil {
		simd.MulAdd(db, a, dy)
	}
}
