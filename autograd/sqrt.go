package autograd

import "anomem/simd"

// Sqrt returns the square root: NaN below 0. Its derivative at 0 is infinite.
//
//	y = √x      dx += ½·dy/y
func (g *Graph[T]) Sqrt(x *Tensor[T]) *Tensor[T] { return unary(g, x, sqrtFunc[T]{}, withTmp) }

type sqrtFunc[T Float] struct{}

func (sqrtFunc[T]) value(y, x []T) { simd.Sqrt(y, x) }

func (sqrtFunc[T]) gradient(dx, dy, _, y, tmp []T) {
	q := tmp[:len(dx)]
	simd.Div(q, dy, y)
	simd.Axpy(dx, 0.5, q)
}
