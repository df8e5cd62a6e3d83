package autograd

import "anomem/simd"

// Log returns the natural logarithm: -Inf at 0, NaN below.
//
//	y = ln x      dx += dy/x
func (g *Graph[T]) Log(x *Tensor[T]) *Tensor[T] { return unary(g, x, logFunc[T]{}, withTmp) }

type logFunc[T Float] struct{}

func (logFunc[T]) value(y, x []T) { simd.Log(y, x) }

func (logFunc[T]) gradient(dx, dy, x, _, tmp []T) {
	q := tmp[:len(dx)]
	simd.Div(q, dy, x)
	simd.Add(dx, dx, q)
}
