package autograd

import "anomem/simd"

// Sub returns a - b, broadcast as in BroadcastTo.
//
//	y = a - b      da += dy      db -= dy
func (g *Graph[T]) Sub(a, b *Tensor[T]) *Tensor[T] {
	a, b = g.broadcast("Sub", a, b)
	op := NewOp[subOp[T]](g)
	op.a, op.b, op.y = a, b, g.NewLike(a.shape)
	g.forward(op, op.y.Len(), 1)
	g.Record(op.y, op, a, b)
	return op.y
}

type subOp[T Float] struct{ a, b, y *Tensor[T] }

func (op *subOp[T]) forward(lo, hi int) {
	simd.Sub(op.y.data[lo:hi], op.a.data[lo:hi], op.b.data[lo:hi])
}

func (op *subOp[T]) Backward(g *Graph[T]) {
	op.a.AccGrad(g)
	op.b.AccGrad(g)
	g.backward(op, op.y.Len(), 1)
}

func (op *subOp[T]) backward(lo, hi int, _ []T) {
	dy := op.y.grad[lo:hi]
	if op.a.needs {
		da := op.a.grad[lo:hi]
		simd.Add(da, da, dy)
	}
	if op.b.needs {
		db := op.b.grad[lo:hi]
		simd.Sub(db, db, dy)
	}
}
