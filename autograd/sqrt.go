package autograd

import "anomem/simd"

// Sqrt returns the square root: NaN below 0. Its derivative at 0 is infinite.
//
//	y = √x      dx += ½·dy/y
func (g *Graph[T]) Sqrt(x *Tensor[T]) *Tensor[T] {
	op := NewOp[sqrtOp[T]](g)
	op.x, op.y = x, g.NewLike(x.shape)
	g.forward(op, x.Len(), 1)
	g.Record(op.y, op, x)
	return op.y
}

type sqrtOp[T Float] struct{ x, y *Tensor[T] }

func (op *sqrtOp[T]) forward(lo, hi int) { simd.Sqrt(op.y.data[lo:hi], op.x.data[lo:hi]) }

func (op *sqrtOp[T]) Backward(g *Graph[T]) {
	op.x.AccGrad(g)
	g.backwardTmp(op, op.y.Len(), 1)
}

func (op *sqrtOp[T]) backward(lo, hi int, tmp []T) {
	q := tmp[:hi-lo]
	simd.Div(q, op.y.grad[lo:hi], op.y.data[lo:hi])
	simd.Axpy(op.x.grad[lo:hi], 0.5, q)
}
