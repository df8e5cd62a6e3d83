package autograd

import "anomem/simd"

// ReLU returns max(x, 0); a NaN stays one. The gradient at 0 is 0.
//
//	y = max(x, 0)      dx += dy where x > 0
func (g *Graph[T]) ReLU(x *Tensor[T]) *Tensor[T] {
	op := NewOp[reluOp[T]](g)
	op.x, op.y = x, g.NewLike(x.shape)
	g.forward(op, x.Len(), 1)
	g.Record(op.y, op, x)
	return op.y
}

type reluOp[T Float] struct {
	x, y  *Tensor[T]
	fresh bool // dx is stored, not added to
}

func (op *reluOp[T]) remake(g *Graph[T]) {
	g.revive(op.x)
	g.forward(op, op.y.Len(), 1)
}

func (op *reluOp[T]) reads(t *Tensor[T]) bool { return t == op.y }

func (op *reluOp[T]) forward(lo, hi int) { simd.ReLU(op.y.data[lo:hi], op.x.data[lo:hi]) }

func (op *reluOp[T]) Backward(g *Graph[T]) {
	_, op.fresh = op.x.gradFor(g)
	g.backward(op, op.y.Len(), 1)
}

func (op *reluOp[T]) backward(lo, hi int, _ []T) {
	// y > 0 exactly where x > 0.
	dx, dy, y := op.x.grad[lo:hi], op.y.grad[lo:hi], op.y.data[lo:hi]
	if op.fresh {
		simd.KeepPositive(dx, dy, y)
	} else {
		simd.ReLUBackward(dx, dy, y)
	}
}
