package autograd

import (
	"math"

	"anomem/simd"
)

// LogSumExp returns ln Σ eˣ over the given axes (none given: all), which are
// dropped or, if keep is set, become 1. It is -Inf, without a gradient, where all
// elements are, or where there are none.
//
//	y = ln Σ_j e^x_j      dx_i += e^(x_i-y)·dy
func (g *Graph[T]) LogSumExp(x *Tensor[T], keep bool, axes ...int) *Tensor[T] {
	set := axisSetOf("LogSumExp", x.shape, axes)
	y := g.NewLike(x.shape.reduced(set, keep))
	x, rows, cols, _ := g.asRows(x, set)
	op := NewOp[logSumExpOp[T]](g)
	*op = logSumExpOp[T]{x, y, rows, cols}
	g.forward(op, rows, cols)
	g.Record(y, op, x)
	return y
}

type logSumExpOp[T Float] struct {
	x, y       *Tensor[T]
	rows, cols int
}

func (op *logSumExpOp[T]) forward(lo, hi int) {
	simd.LogSumExp(op.y.data[lo:hi], op.x.data[lo*op.cols:hi*op.cols], hi-lo, op.cols)
}

func (op *logSumExpOp[T]) Backward(g *Graph[T]) {
	op.x.AccGrad(g)
	g.backwardTmp(op, op.rows, op.cols)
}

func (op *logSumExpOp[T]) backward(lo, hi int, tmp []T) {
	n := op.cols
	p := tmp[:n]
	for r := lo; r < hi; r++ {
		y := op.y.data[r]
		if math.IsInf(float64(y), -1) {
			continue
		}
		simd.AddScalar(p, op.x.data[r*n:(r+1)*n], -y)
		simd.Exp(p, p)
		simd.Axpy(op.x.grad[r*n:(r+1)*n], op.y.grad[r], p)
	}
}
