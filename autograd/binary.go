package autograd

// binaryFunc is a function of two elements and its derivatives, over slices of equal
// length.
type binaryFunc[T Float] interface {
	value(y, a, b []T) // y = f(a, b)
	// gradient adds to da and db; either is nil if it is not wanted.
	gradient(da, db, dy, a, b, y, tmp []T)
}

// binary returns f of the elements of a and b, broadcast as in BroadcastTo, and
// records the operation. name is the operation's, for panics.
func binary[T Float, F binaryFunc[T]](g *Graph[T], name string, a, b *Tensor[T], f F, tmp tmpUse) *Tensor[T] {
	a, b = g.broadcast(name, a, b)
	op := NewOp[binaryOp[T, F]](g)
	*op = binaryOp[T, F]{f, tmp, a, b, g.NewLike(a.shape)}
	g.forward(op, op.y.Len(), 1)
	g.Record(op.y, op, a, b)
	return op.y
}

type binaryOp[T Float, F binaryFunc[T]] struct {
	f       F
	tmp     tmpUse
	a, b, y *Tensor[T]
}

func (op *binaryOp[T, F]) forward(lo, hi int) {
	op.f.value(op.y.data[lo:hi], op.a.data[lo:hi], op.b.data[lo:hi])
}

func (op *binaryOp[T, F]) Backward(g *Graph[T]) {
	op.a.AccGrad(g)
	op.b.AccGrad(g)
	g.backwardWith(op.tmp, op, op.y.Len(), 1)
}

func (op *binaryOp[T, F]) backward(lo, hi int, tmp []T) {
	var da, db []T
	if op.a.needs {
		da = op.a.grad[lo:hi]
	}
	if op.b.needs {
		db = op.b.grad[lo:hi]
	}
	op.f.gradient(da, db, op.y.grad[lo:hi], op.a.data[lo:hi], op.b.data[lo:hi], op.y.data[lo:hi], tmp)
}
