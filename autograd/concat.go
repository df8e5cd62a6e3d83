package autograd

import (
	"fmt"

	"anomem/simd"
)

// Concat returns the tensors joined along an axis. They must agree in all other
// dimensions; there must be at least one.
//
//	y = [x₀ x₁ ...]      dx_k += its part of dy
func (g *Graph[T]) Concat(axis int, xs ...*Tensor[T]) *Tensor[T] {
	if len(xs) == 0 {
		panic("autograd: Concat: no tensors")
	}
	s := xs[0].shape
	a := s.axis("Concat", axis)
	for _, x := range xs[1:] {
		if x.shape.rank != s.rank || x.shape.with(a, 0) != s.with(a, 0) {
			panic(fmt.Sprintf("autograd: Concat: shapes %v and %v along axis %d", xs[0].shape, x.shape, axis))
		}
		s.dims[a] += x.shape.dims[a]
	}
	op := NewOp[concatOp[T]](g)
	op.xs = g.lists.take(len(xs))
	copy(op.xs, xs)
	op.y, op.axis = g.NewLike(s), a
	op.each(func(x *Tensor[T], from, cols, stride, rows int) {
		simd.CopyRows(op.y.data[from:], stride, x.data, cols, rows, cols)
	})
	g.Record(op.y, op, op.xs...)
	return op.y
}

type concatOp[T Float] struct {
	xs   []*Tensor[T]
	y    *Tensor[T]
	axis int
}

// each calls f for each input that is not empty: it is rows × cols, and lies in y
// from element from on, with rows stride apart.
func (op *concatOp[T]) each(f func(x *Tensor[T], from, cols, stride, rows int)) {
	s := op.y.shape
	rows, inner := s.span(0, op.axis), s.span(op.axis+1, s.rank)
	from := 0
	for _, x := range op.xs {
		cols := x.shape.dims[op.axis] * inner
		if rows*cols > 0 {
			f(x, from, cols, s.dims[op.axis]*inner, rows)
		}
		from += cols
	}
}

func (op *concatOp[T]) Backward(g *Graph[T]) {
	op.each(func(x *Tensor[T], from, cols, stride, rows int) {
		if dx := x.AccGrad(g); dx != nil {
			addRows(dx, cols, op.y.grad[from:], stride, rows, cols)
		}
	})
}
