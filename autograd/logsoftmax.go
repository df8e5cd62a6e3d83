package autograd

import "anomem/simd"

// LogSoftmax returns the logarithm of the softmax over the given axes, of which
// there must be one at least.
//
//	y_i = x_i - ln Σ_j e^x_j      dx_i += dy_i - e^y_i·Σ_j dy_j
func (g *Graph[T]) LogSoftmax(x *Tensor[T], axes ...int) *Tensor[T] {
	x, rows, cols, order := g.asRows(x, someAxes("LogSoftmax", x.shape, axes))
	op := NewOp[logSoftmaxOp[T]](g)
	*op = logSoftmaxOp[T]{x, g.NewLike(x.shape), rows, cols}
	g.forward(op, rows, cols)
	g.Record(op.y, op, x)
	return g.fromRows(op.y, order)
}

type logSoftmaxOp[T Float] struct {
	x, y       *Tensor[T]
	rows, cols int
}

func (op *logSoftmaxOp[T]) forward(lo, hi int) {
	from, to := lo*op.cols, hi*op.cols
	simd.LogSoftmax(op.y.data[from:to], op.x.data[from:to], hi-lo, op.cols)
}

func (op *logSoftmaxOp[T]) Backward(g *Graph[T]) {
	op.x.AccGrad(g)
	g.backwardTmp(op, op.rows, op.cols)
}

func (op *logSoftmaxOp[T]) backward(lo, hi int, tmp []T) {
	n := op.cols
	p := tmp[:n]
	for i := lo * n; i < hi*n; i += n {
		dx, dy := op.x.grad[i:i+n], op.y.grad[i:i+n]
		simd.Exp(p, op.y.data[i:i+n])
		simd.Add(dx, dx, dy)
		simd.Axpy(dx, -simd.Sum(dy), p)
	}
}
