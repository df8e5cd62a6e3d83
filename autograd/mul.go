package autograd

import "anomem/simd"

// Mul returns the element-wise product a·b, broadcast as in BroadcastTo.
//
//	y = a·b      da += b·dy      db += a·dy
func (g *Graph[T]) Mul(a, b *Tensor[T]) *Tensor[T] {
	a, b = g.broadcast("Mul", a, b)
	op := NewOp[mulOp[T]](g)
	op.a, op.b, op.y = a, b, g.NewLike(a.shape)
	g.forward(op, op.y.Len(), 1)
	g.Record(op.y, op, a, b)
	return op.y
}

type mulOp[T Float] struct{ a, b, y *Tensor[T] }

func (op *mulOp[T]) forward(lo, hi int) {
	simd.Mul(op.y.data[lo:hi], op.a.data[lo:hi], op.b.data[lo:hi])
}

func (op *mulOp[T]) Backward(g *Graph[T]) {
	op.a.AccGrad(g)
	op.b.AccGrad(g)
	g.backward(op, op.y.Len(), 1)
}

func (op *mulOp[T]) backward(lo, hi int, _ []T) {
	dy := op.y.grad[lo:hi]
	if op.a.needs {
		simd.MulAdd(op.a.grad[lo:hi], op.b.data[lo:hi], dy)
	}
	if op.b.needs {
		simd.MulAdd(op.b.grad[lo:hi], op.a.data[lo:hi], dy)
	}
}
