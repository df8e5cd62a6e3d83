package autograd

import "anomem/simd"

// Div returns the element-wise quotient a/b, broadcast as in BroadcastTo.
//
//	y = a/b      da += dy/b      db -= (dy/b)·y
func (g *Graph[T]) Div(a, b *Tensor[T]) *Tensor[T] {
	a, b = g.broadcast("Div", a, b)
	op := NewOp[divOp[T]](g)
	op.a, op.b, op.y = a, b, g.NewLike(a.shape)
	g.forward(op, op.y.Len(), 1)
	g.Record(op.y, op, a, b)
	return op.y
}

type divOp[T Float] struct{ a, b, y *Tensor[T] }

func (op *divOp[T]) forward(lo, hi int) {
	simd.Div(op.y.data[lo:hi], op.a.data[lo:hi], op.b.data[lo:hi])
}

func (op *divOp[T]) Backward(g *Graph[T]) {
	op.a.AccGrad(g)
	op.b.AccGrad(g)
	g.backwardTmp(op, op.y.Len(), 1)
}

func (op *divOp[T]) backward(lo, hi int, tmp []T) {
	q := tmp[:hi-lo]
	simd.Div(q, op.y.grad[lo:hi], op.b.data[lo:hi])
	if op.a.needs {
		da := op.a.grad[lo:hi]
		simd.Add(da, da, q)
	}
	if op.b.needs {
		db := op.b.grad[lo:hi]
		simd.Mul(q, q, op.y.data[lo:hi])
		simd.Sub(db, db, q)
	}
}
