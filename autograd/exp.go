package autograd

import "anomem/simd"

// Exp returns eˣ.
//
//	y = eˣ      dx += y·dy
func (g *Graph[T]) Exp(x *Tensor[T]) *Tensor[T] {
	op := NewOp[expOp[T]](g)
	op.x, op.y = x, g.NewLike(x.shape)
	g.forward(op, x.Len(), 1)
	g.Record(op.y, op, x)
	return op.y
}

type expOp[T Float] struct{ x, y *Tensor[T] }

func (op *expOp[T]) forward(lo, hi int) { simd.Exp(op.y.data[lo:hi], op.x.data[lo:hi]) }

func (op *expOp[T]) Backward(g *Graph[T]) {
	op.x.AccGrad(g)
	g.backward(op, op.y.Len(), 1)
}

func (op *expOp[T]) backward(lo, hi int, _ []T) {
	simd.MulAdd(op.x.grad[lo:hi], op.y.data[lo:hi], op.y.grad[lo:hi])
}
