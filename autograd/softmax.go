package autograd

import "anomem/simd"

// Softmax returns the softmax over the given axes, of which there must be one at
// least.
//
//	y_i = e^x_i / Σ_j e^x_j      dx_i += y_i·(dy_i - Σ_j y_j·dy_j)
func (g *Graph[T]) Softmax(x *Tensor[T], axes ...int) *Tensor[T] {
	x, rows, cols, order := g.asRows(x, someAxes("Softmax", x.shape, axes))
	op := NewOp[softmaxOp[T]](g)
	*op = softmaxOp[T]{x, g.NewLike(x.shape), rows, cols}
	g.forward(op, rows, cols)
	g.Record(op.y, op, x)
	return g.fromRows(op.y, order)
}

type softmaxOp[T Float] struct {
	x, y       *Tensor[T]
	rows, cols int
}

func (op *softmaxOp[T]) forward(lo, hi int) {
	from, to := lo*op.cols, hi*op.cols
	simd.Softmax(op.y.data[from:to], op.x.data[from:to], hi-lo, op.cols)
}

func (op *softmaxOp[T]) Backward(g *Graph[T]) {
	op.x.AccGrad(g)
	g.backwardTmp(op, op.rows, op.cols)
}

func (op *softmaxOp[T]) backward(lo, hi int, tmp []T) {
	n := op.cols
	t := tmp[:n]
	for i := lo * n; i < hi*n; i += n {
		y, dy := op.y.data[i:i+n], op.y.grad[i:i+n]
		simd.AddScalar(t, dy, -simd.Dot(y, dy))
		simd.MulAdd(op.x.grad[i:i+n], y, t)
	}
}
