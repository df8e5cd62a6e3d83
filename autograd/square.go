package autograd

import "anomem/simd"

// Square returns x².
//
//	y = x²      dx += 2·x·dy
func (g *Graph[T]) Square(x *Tensor[T]) *Tensor[T] {
	op := NewOp[squareOp[T]](g)
	op.x, op.y = x, g.NewLike(x.shape)
	g.forward(op, x.Len(), 1)
	g.Record(op.y, op, x)
	return op.y
}

type squareOp[T Float] struct {
	x, y  *Tensor[T]
	fresh bool // dx is stored, not added to
}

func (op *squareOp[T]) reads(t *Tensor[T]) bool { return t == op.x }

func (op *squareOp[T]) forward(lo, hi int) {
	x := op.x.data[lo:hi]
	simd.Mul(op.y.data[lo:hi], x, x)
}

func (op *squareOp[T]) Backward(g *Graph[T]) {
	_, op.fresh = op.x.gradFor(g)
	g.backwardTmp(op, op.y.Len(), 1)
}

func (op *squareOp[T]) backward(lo, hi int, tmp []T) {
	p := tmp[:hi-lo]
	simd.Mul(p, op.x.data[lo:hi], op.y.grad[lo:hi])
	if op.fresh {
		simd.Scale(op.x.grad[lo:hi], p, 2)
		return
	}
	simd.Axpy(op.x.grad[lo:hi], 2, p)
}
