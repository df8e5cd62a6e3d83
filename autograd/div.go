package autograd

import "anomem/simd"

// Div returns the element-wise quotient a/b, broadcast as in BroadcastTo.
//
//	y = a/b      da += dy/b      db -= (dy/b)·y
func (g *Graph[T]) Div(a, b *Tensor[T]) *Tensor[T] {
	return binary(g, "Div", a, b, divFunc[T]{}, withTmp)
}

type divFunc[T Float] struct{}

func (divFunc[T]) value(y, a, b []T) { simd.Div(y, a, b) }

func (divFunc[T]) gradient(da, db, dy, _, b, y, tmp []T) {
	q := tmp[:len(dy)]
	simd.Div(q, dy, b)
	if da != nil {
		simd.Add(da, da, q)
	}
	if db != nil {
		simd.Mul(q, q, y)
		simd.Sub(db, db, q)
	}
}
