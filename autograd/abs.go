package autograd

import "anomem/simd"

// Abs returns |x|. The gradient at 0 is 0.
//
//	y = |x|      dx += sign(x)·dy
func (g *Graph[T]) Abs(x *Tensor[T]) *Tensor[T] { return unary(g, x, absFunc[T]{}, noTmp) }

type absFunc[T Float] struct{}

func (absFunc[T]) value(y, x []T) { simd.Abs(y, x) }

func (absFunc[T]) gradient(dx, dy, x, _, _ []T) {
	dx, dy = dx[:len(x)], dy[:len(x)]
	for i, x := range x {
		switch {
		case x > 0:
			dx[i] += dy[i]
		case x < 0:
			dx[i] -= dy[i]
		}
	}
}
