package autograd

import "anomem/simd"

// Log returns the natural logarithm: -Inf at 0, NaN below.
//
//	y = ln x      dx += dy/x
func (g *Graph[T]) Log(x *Tensor[T]) *Tensor[T] {
	op := NewOp[logOp[T]](g)
	op.x, op.y = x, g.NewLike(x.shape)
	g.forward(op, x.Len(), 1)
	g.Record(op.y, op, x)
	return op.y
}

type logOp[T Float] struct{ x, y *Tensor[T] }

func (op *logOp[T]) forward(lo, hi int) { simd.Log(op.y.data[lo:hi], op.x.data[lo:hi]) }

func (op *logOp[T]) Backward(g *Graph[T]) {
	op.x.AccGrad(g)
	g.backwardTmp(op, op.y.Len(), 1)
}

func (op *logOp[T]) backward(lo, hi int, tmp []T) {
	q, dx := tmp[:hi-lo], op.x.grad[lo:hi]
	simd.Div(q, op.y.grad[lo:hi], op.x.data[lo:hi])
	simd.Add(dx, dx, q)
}
