package autograd

import (
	"fmt"

	"anomem/simd"
)

// Max returns the largest element over the given axes (none given: all), which are
// dropped or, if keep is set, become 1. Of several largest elements the first, in the
// order of the axes of x, gets the gradient. It panics if there is nothing to choose
// from.
//
// NaNs are passed over, and nothing but NaNs gives -Inf, as in simd.Max, which uses the
// one comparison that is the same on every architecture. In MaxPool a NaN wins: it is
// part of networks, and training that diverges must show in their loss.
//
//	y = x_k, k = min argmax_i x_i      dx_k += dy
func (g *Graph[T]) Max(x *Tensor[T], keep bool, axes ...int) *Tensor[T] {
	set := axisSetOf("Max", x.shape, axes)
	for i, d := range x.shape.dims[:x.shape.rank] {
		if d == 0 && set.has(i) {
			panic(fmt.Sprintf("autograd: Max: shape %v has nothing along axis %d", x.shape, i))
		}
	}
	y := g.NewLike(x.shape.reduced(set, keep))
	x, rows, cols, _ := g.asRows(x, set)
	op := NewOp[maxOp[T]](g)
	*op = maxOp[T]{x, y, rows, cols}
	g.forward(op, rows, cols)
	g.Record(y, op, x)
	return y
}

type maxOp[T Float] struct {
	x, y       *Tensor[T]
	rows, cols int
}

func (op *maxOp[T]) forward(lo, hi int) {
	for r := lo; r < hi; r++ {
		op.y.data[r] = simd.Max(op.x.data[r*op.cols : (r+1)*op.cols])
	}
}

func (op *maxOp[T]) Backward(g *Graph[T]) {
	op.x.AccGrad(g)
	g.backward(op, op.rows, op.cols)
}

func (op *maxOp[T]) backward(lo, hi int, _ []T) {
	for r := lo; r < hi; r++ {
		from := r * op.cols
		for i, x := range op.x.data[from : from+op.cols] {
			if x == op.y.data[r] {
				op.x.grad[from+i] += op.y.grad[r]
				break
			}
		}
	}
}
