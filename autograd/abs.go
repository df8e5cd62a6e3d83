package autograd

import "anomem/simd"

// Abs returns |x|. The gradient at 0 is 0.
//
//	y = |x|      dx += sign(x)·dy
func (g *Graph[T]) Abs(x *Tensor[T]) *Tensor[T] {
	op := NewOp[absOp[T]](g)
	op.x, op.y = x, g.NewLike(x.shape)
	g.forward(op, x.Len(), 1)
	g.Record(op.y, op, x)
	return op.y
}

type absOp[T Float] struct{ x, y *Tensor[T] }

func (op *absOp[T]) forward(lo, hi int) { simd.Abs(op.y.data[lo:hi], op.x.data[lo:hi]) }

func (op *absOp[T]) Backward(g *Graph[T]) {
	op.x.AccGrad(g)
	g.backward(op, op.y.Len(), 1)
}

func (op *absOp[T]) backward(lo, hi int, _ []T) {
	dx, dy := op.x.grad[lo:hi], op.y.grad[lo:hi]
	for i, x := range op.x.data[lo:hi] {
		switch {
		case x > 0:
			dx[i] += dy[i]
		case x < 0:
			dx[i] -= dy[i]
		}
	}
}
