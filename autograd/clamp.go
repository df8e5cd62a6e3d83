package autograd

import (
	"fmt"

	"anomem/simd"
)

// Clamp returns x limited to [lo, hi]; a NaN stays one. It panics unless lo <= hi.
// The gradient passes strictly between the bounds, and is 0 at them, as in ReLU.
// PyTorch 2.15 does the same where bounds are numbers; releases before the middle of
// 2026 passed all of it at a bound.
//
//	y = min(max(x, lo), hi)      dx += dy where lo < x < hi
func (g *Graph[T]) Clamp(x *Tensor[T], lo, hi T) *Tensor[T] {
	if !(lo <= hi) {
		panic(fmt.Sprintf("autograd: Clamp: shape %v: bounds %v and %v", x.shape, lo, hi))
	}
	op := NewOp[clampOp[T]](g)
	*op = clampOp[T]{x, g.NewLike(x.shape), lo, hi}
	g.forward(op, x.Len(), 1)
	g.Record(op.y, op, x)
	return op.y
}

type clampOp[T Float] struct {
	x, y     *Tensor[T]
	min, max T
}

func (op *clampOp[T]) forward(lo, hi int) {
	y := op.y.data[lo:hi]
	simd.MaxScalar(y, op.x.data[lo:hi], op.min)
	simd.MinScalar(y, y, op.max)
}

func (op *clampOp[T]) Backward(g *Graph[T]) {
	op.x.AccGrad(g)
	g.backward(op, op.y.Len(), 1)
}

func (op *clampOp[T]) backward(lo, hi int, _ []T) {
	dx, dy := op.x.grad[lo:hi], op.y.grad[lo:hi]
	for i, x := range op.x.data[lo:hi] {
		if op.min < x && x < op.max {
			dx[i] += dy[i]
		}
	}
}
