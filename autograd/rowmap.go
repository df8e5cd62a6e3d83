package autograd

// rowFunc maps rows to rows of the same length, and has the derivative for one row.
type rowFunc[T Float] interface {
	value(y, x []T, rows, cols int) // each row of y is f of that row of x
	gradient(dx, dy, y, tmp []T)    // adds to one row of dx; all have its length
}

// rowMap applies f along the given axes of x, at least one, and records the operation.
// name is the operation's, for panics.
func rowMap[T Float, F rowFunc[T]](g *Graph[T], name string, x *Tensor[T], axes []int, f F) *Tensor[T] {
	x, rows, cols, order := g.asRows(x, someAxes(name, x.shape, axes))
	op := NewOp[rowMapOp[T, F]](g)
	*op = rowMapOp[T, F]{f, x, g.NewLike(x.shape), rows, cols}
	g.forward(op, rows, cols)
	g.Record(op.y, op, x)
	return g.fromRows(op.y, order)
}

type rowMapOp[T Float, F rowFunc[T]] struct {
	f          F
	x, y       *Tensor[T]
	rows, cols int
}

func (op *rowMapOp[T, F]) forward(lo, hi int) {
	from, to := lo*op.cols, hi*op.cols
	op.f.value(op.y.data[from:to], op.x.data[from:to], hi-lo, op.cols)
}

func (op *rowMapOp[T, F]) Backward(g *Graph[T]) {
	op.x.AccGrad(g)
	g.backwardTmp(op, op.rows, op.cols)
}

func (op *rowMapOp[T, F]) backward(lo, hi int, tmp []T) {
	n := op.cols
	for i := lo * n; i < hi*n; i += n {
		op.f.gradient(op.x.grad[i:i+n], op.y.grad[i:i+n], op.y.data[i:i+n], tmp[:n])
	}
}
