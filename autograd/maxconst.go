package autograd

import "anomem/simd"

// MaxConst returns the larger of x and c; a NaN stays one. Where they are equal,
// the constant counts as the larger, as in ReLU, and no gradient passes.
//
//	y = max(x, c)      dx += dy where x > c
func (g *Graph[T]) MaxConst(x *Tensor[T], c T) *Tensor[T] {
	return unary(g, x, maxConstFunc[T]{c}, withTmp)
}

type maxConstFunc[T Float] struct{ c T }

func (f maxConstFunc[T]) value(y, x []T) { simd.MaxScalar(y, x, f.c) }

func (f maxConstFunc[T]) gradient(dx, dy, x, _, tmp []T) {
	// x - c is positive exactly where x > c: a difference never underflows to 0.
	d := tmp[:len(dx)]
	simd.AddScalar(d, x, -f.c)
	simd.ReLUBackward(dx, dy, d)
}
