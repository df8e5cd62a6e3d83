package autograd

import "fmt"

// BroadcastTo returns x repeated to the given dimensions, as NumPy does: x's
// dimensions stand at the end, missing ones count as 1, and a dimension of 1 is
// repeated to any size.
//
//	y[i, j] = x[j]      dx[j] += Σ_i dy[i, j]
//
// The sums of the gradient are those of Sum, in its fixed order.
func (g *Graph[T]) BroadcastTo(x *Tensor[T], dims ...int) *Tensor[T] {
	to := MakeShape(dims...)
	if s, ok := broadcastShape(x.shape, to); !ok || s != to {
		panic(fmt.Sprintf("autograd: BroadcastTo: shape %v does not broadcast to %v", x.shape, to))
	}
	return g.broadcastTo(x, to)
}

func (g *Graph[T]) broadcastTo(x *Tensor[T], to Shape) *Tensor[T] {
	if x.shape == to {
		return x
	}
	op := NewOp[broadcastOp[T]](g)
	op.x, op.y = x, g.NewLike(to)
	op.axes = repeated(x.shape, to)
	g.spread(op.y.data, x.data, to, op.axes, false)
	g.Record(op.y, op, x)
	return op.y
}

type broadcastOp[T Float] struct {
	x, y *Tensor[T]
	axes axisSet // of y, along which x is repeated
}

func (op *broadcastOp[T]) Backward(g *Graph[T]) {
	g.collapse(op.x.AccGrad(g), op.y.grad, op.y.shape, op.axes, true)
}

// broadcast returns a and b repeated to their common shape.
func (g *Graph[T]) broadcast(name string, a, b *Tensor[T]) (*Tensor[T], *Tensor[T]) {
	if a.shape == b.shape {
		return a, b
	}
	to, ok := broadcastShape(a.shape, b.shape)
	if !ok {
		panic(fmt.Sprintf("autograd: %s: shapes %v and %v do not broadcast", name, a.shape, b.shape))
	}
	return g.broadcastTo(a, to), g.broadcastTo(b, to)
}

// broadcastShape returns the common shape of a and b, and whether they have one.
func broadcastShape(a, b Shape) (Shape, bool) {
	if a.rank < b.rank {
		a, b = b, a
	}
	lead := a.rank - b.rank
	for i, d := range b.dims[:b.rank] {
		switch {
		case a.dims[lead+i] == 1:
			a.dims[lead+i] = d
		case d != 1 && d != a.dims[lead+i]:
			return a, false
		}
	}
	return a, true
}

// repeated returns the axes of to along which a tensor of shape x is repeated.
func repeated(x, to Shape) axisSet {
	var axes axisSet
	lead := to.rank - x.rank
	for i, d := range to.dims[:to.rank] {
		if i < lead || x.dims[i-lead] != d {
			axes |= 1 << i
		}
	}
	return axes
}
