package autograd

import "anomem/simd"

// AddConst returns x + c.
//
//	y = x + c      dx += dy
func (g *Graph[T]) AddConst(x *Tensor[T], c T) *Tensor[T] {
	op := NewOp[addConstOp[T]](g)
	op.x, op.y, op.c = x, g.NewLike(x.shape), c
	g.forward(op, x.Len(), 1)
	g.Record(op.y, op, x)
	return op.y
}

type addConstOp[T Float] struct {
	x, y *Tensor[T]
	c    T
	dx   share
}

func (op *addConstOp[T]) reads(*Tensor[T]) bool { return false }

func (op *addConstOp[T]) forward(lo, hi int) {
	simd.AddScalar(op.y.data[lo:hi], op.x.data[lo:hi], op.c)
}

func (op *addConstOp[T]) Backward(g *Graph[T]) {
	if op.dx = op.x.passGrad(g, op.y); op.dx != done {
		g.backward(op, op.y.Len(), 1)
	}
}

func (op *addConstOp[T]) backward(lo, hi int, _ []T) {
	give(op.dx, op.x, op.y.grad[lo:hi], lo)
}

// Scale returns c·x.
//
//	y = c·x      dx += c·dy
func (g *Graph[T]) Scale(x *Tensor[T], c T) *Tensor[T] {
	op := NewOp[scaleOp[T]](g)
	op.x, op.y, op.c = x, g.NewLike(x.shape), c
	g.forward(op, x.Len(), 1)
	g.Record(op.y, op, x)
	return op.y
}

type scaleOp[T Float] struct {
	x, y  *Tensor[T]
	c     T
	fresh bool // dx is stored, not added to
}

func (op *scaleOp[T]) reads(*Tensor[T]) bool { return false }

func (op *scaleOp[T]) forward(lo, hi int) {
	simd.Scale(op.y.data[lo:hi], op.x.data[lo:hi], op.c)
}

func (op *scaleOp[T]) Backward(g *Graph[T]) {
	_, op.fresh = op.x.gradFor(g)
	g.backward(op, op.y.Len(), 1)
}

func (op *scaleOp[T]) backward(lo, hi int, _ []T) {
	if op.fresh {
		simd.Scale(op.x.grad[lo:hi], op.y.grad[lo:hi], op.c)
		return
	}
	simd.Axpy(op.x.grad[lo:hi], op.c, op.y.grad[lo:hi])
}

// Neg returns -x.
//
//	y = -x      dx -= dy
func (g *Graph[T]) Neg(x *Tensor[T]) *Tensor[T] { return g.Scale(x, -1) }
