package autograd

// unaryFunc is a function of one element and its derivative, over slices of equal
// length.
type unaryFunc[T Float] interface {
	value(y, x []T)                 // y = f(x)
	gradient(dx, dy, x, y, tmp []T) // dx += f'(x)·dy
}

// unary returns f of each element of x and records the operation.
func unary[T Float, F unaryFunc[T]](g *Graph[T], x *Tensor[T], f F, tmp tmpUse) *Tensor[T] {
	op := NewOp[unaryOp[T, F]](g)
	*op = unaryOp[T, F]{f, tmp, x, g.NewLike(x.shape)}
	g.forward(op, x.Len(), 1)
	g.Record(op.y, op, x)
	return op.y
}

type unaryOp[T Float, F unaryFunc[T]] struct {
	f    F
	tmp  tmpUse
	x, y *Tensor[T]
}

func (op *unaryOp[T, F]) forward(lo, hi int) { op.f.value(op.y.data[lo:hi], op.x.data[lo:hi]) }

func (op *unaryOp[T, F]) Backward(g *Graph[T]) {
	op.x.AccGrad(g)
	g.backwardWith(op.tmp, op, op.y.Len(), 1)
}

func (op *unaryOp[T, F]) backward(lo, hi int, tmp []T) {
	op.f.gradient(op.x.grad[lo:hi], op.y.grad[lo:hi], op.x.data[lo:hi], op.y.data[lo:hi], tmp)
}
