package autograd

// Sum returns the sum over the given axes (none given: all), which are dropped or,
// if keep is set, become 1. A sum of nothing is 0.
//
//	y = Σ_i x_i      dx_i += dy
//
// In float32, sums along the last axis are simd.Sum's, in blocks of 4096; down
// other axes they are simd.ColumnSums'.
func (g *Graph[T]) Sum(x *Tensor[T], keep bool, axes ...int) *Tensor[T] {
	set := axisSetOf("Sum", x.shape, axes)
	op := NewOp[sumOp[T]](g)
	op.x, op.y, op.axes = x, g.NewLike(x.shape.reduced(set, keep)), set
	g.collapse(op.y.data, x.data, x.shape, set, false)
	g.Record(op.y, op, x)
	return op.y
}

type sumOp[T Float] struct {
	x, y *Tensor[T]
	axes axisSet
}

func (op *sumOp[T]) Backward(g *Graph[T]) {
	dx, fresh := op.x.gradFor(g)
	g.spread(dx, op.y.grad, op.x.shape, op.axes, !fresh)
}

func (op *sumOp[T]) reads(*Tensor[T]) bool { return false }
