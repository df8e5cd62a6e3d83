package autograd

import (
	"fmt"
	"math"

	"anomem/simd"
)

// L2Normalize returns each row of the last axis divided by its length. A row
// shorter than eps, or so short that the reciprocal of its length overflows, gives
// zero and passes no gradient.
//
//	y = x/‖x‖      dx += (dy - y·(y·dy))/‖x‖
func (g *Graph[T]) L2Normalize(x *Tensor[T], eps T) *Tensor[T] {
	rank := x.shape.rank
	if rank == 0 {
		panic(fmt.Sprintf("autograd: L2Normalize: shape %v has no last axis", x.shape))
	}
	op := NewOp[l2NormalizeOp[T]](g)
	op.x, op.y, op.eps = x, g.NewLike(x.shape), eps
	op.rows, op.cols = x.shape.span(0, rank-1), x.shape.dims[rank-1]
	op.inverse = g.floats.take(op.rows)
	g.forward(op, op.rows, op.cols)
	g.Record(op.y, op, x)
	return op.y
}

type l2NormalizeOp[T Float] struct {
	x, y       *Tensor[T]
	eps        T
	rows, cols int
	inverse    []T // 1/‖x‖ of each row, or 0 if it is too short
}

func (op *l2NormalizeOp[T]) forward(lo, hi int) {
	n := op.cols
	inverse := op.inverse[lo:hi]
	simd.L2Norm(inverse, op.x.data[lo*n:hi*n], hi-lo, n)
	for r, norm := range inverse {
		inverse[r] = 1 / norm
		y, x := op.y.data[(lo+r)*n:(lo+r+1)*n], op.x.data[(lo+r)*n:(lo+r+1)*n]
		if norm < op.eps || math.IsInf(float64(inverse[r]), 1) {
			inverse[r] = 0
			simd.Fill(y, 0)
			continue
		}
		simd.Scale(y, x, inverse[r])
	}
}

func (op *l2NormalizeOp[T]) Backward(g *Graph[T]) {
	op.x.AccGrad(g)
	g.backwardTmp(op, op.rows, op.cols)
}

func (op *l2NormalizeOp[T]) backward(lo, hi int, tmp []T) {
	n := op.cols
	t := tmp[:n]
	for r := lo; r < hi; r++ {
		if op.inverse[r] == 0 {
			continue
		}
		y, dy := op.y.data[r*n:(r+1)*n], op.y.grad[r*n:(r+1)*n]
		simd.Scale(t, y, -simd.Dot(y, dy))
		simd.Add(t, t, dy)
		simd.Axpy(op.x.grad[r*n:(r+1)*n], op.inverse[r], t)
	}
}
