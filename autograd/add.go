package autograd

import "anomem/simd"

// Add returns a + b, broadcast as in BroadcastTo.
//
//	y = a + b      da += dy      db += dy
func (g *Graph[T]) Add(a, b *Tensor[T]) *Tensor[T] {
	if isRow(b.shape, a.shape) {
		return g.addRow(a, b)
	}
	a, b = g.broadcast("Add", a, b)
	op := NewOp[addOp[T]](g)
	op.a, op.b, op.y = a, b, g.NewLike(a.shape)
	g.forward(op, op.y.Len(), 1)
	g.Record(op.y, op, a, b)
	return op.y
}

type addOp[T Float] struct {
	a, b, y *Tensor[T]
	da, db  share
}

func (op *addOp[T]) remake(g *Graph[T]) {
	g.revive(op.a)
	g.revive(op.b)
	g.forward(op, op.y.Len(), 1)
}

func (op *addOp[T]) reads(*Tensor[T]) bool { return false }

func (op *addOp[T]) forward(lo, hi int) {
	simd.Add(op.y.data[lo:hi], op.a.data[lo:hi], op.b.data[lo:hi])
}

func (op *addOp[T]) Backward(g *Graph[T]) {
	op.da = op.a.passGrad(g, op.y)
	op.db = op.b.passGrad(g, op.y)
	if op.da != done || op.db != done {
		g.backward(op, op.y.Len(), 1)
	}
}

func (op *addOp[T]) backward(lo, hi int, _ []T) {
	dy := op.y.grad[lo:hi]
	give(op.da, op.a, dy, lo)
	give(op.db, op.b, dy, lo)
}
