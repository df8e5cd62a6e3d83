package autograd

import "anomem/simd"

// MaxConst returns the larger of x and c; a NaN stays one. Where they are equal,
// the constant counts as the larger, as in ReLU, and no gradient passes.
//
//	y = max(x, c)      dx += dy where x > c
func (g *Graph[T]) MaxConst(x *Tensor[T], c T) *Tensor[T] {
	op := NewOp[maxConstOp[T]](g)
	*op = maxConstOp[T]{x, g.NewLike(x.shape), c}
	g.forward(op, x.Len(), 1)
	g.Record(op.y, op, x)
	return op.y
}

type maxConstOp[T Float] struct {
	x, y *Tensor[T]
	c    T
}

func (op *maxConstOp[T]) forward(lo, hi int) {
	simd.MaxScalar(op.y.data[lo:hi], op.x.data[lo:hi], op.c)
}

func (op *maxConstOp[T]) Backward(g *Graph[T]) {
	op.x.AccGrad(g)
	g.backwardTmp(op, op.y.Len(), 1)
}

func (op *maxConstOp[T]) backward(lo, hi int, tmp []T) {
	// x - c is positive exactly where x > c: a difference never underflows to 0.
	d := tmp[:hi-lo]
	simd.AddScalar(d, op.x.data[lo:hi], -op.c)
	simd.ReLUBackward(op.x.grad[lo:hi], op.y.grad[lo:hi], d)
}
