package autograd

import "anomem/simd"

// isRow reports that row is one innermost row of a tensor of shape x.
func isRow(row, x Shape) bool {
	return row.rank == 1 && x.rank > 1 && row.dims[0] == x.dims[x.rank-1]
}

// addRow adds a vector, such as the bias of a layer, to each row, without repeating
// it in memory.
//
//	y[i, c] = x[i, c] + b[c]      dx += dy      db[c] += Σ_i dy[i, c]
func (g *Graph[T]) addRow(x, b *Tensor[T]) *Tensor[T] {
	op := NewOp[addRowOp[T]](g)
	op.x, op.b, op.y = x, b, g.NewLike(x.shape)
	op.cols = b.Len()
	g.forward(op, x.shape.span(0, x.shape.rank-1), op.cols)
	g.Record(op.y, op, x, b)
	return op.y
}

type addRowOp[T Float] struct {
	x, b, y *Tensor[T]
	cols    int
	dx      share
}

func (op *addRowOp[T]) reads(*Tensor[T]) bool { return false }

func (op *addRowOp[T]) forward(lo, hi int) {
	from, to := lo*op.cols, hi*op.cols
	simd.AddRow(op.y.data[from:to], op.x.data[from:to], op.b.data, hi-lo, op.cols)
}

func (op *addRowOp[T]) Backward(g *Graph[T]) {
	if op.dx = op.x.passGrad(g, op.y); op.dx != done {
		g.backward(op, op.y.Len(), 1)
	}
	if db := op.b.AccGrad(g); db != nil {
		s := op.y.shape
		g.collapse(db, op.y.grad, s, leadingAxes(s.rank-1), true)
	}
}

func (op *addRowOp[T]) backward(lo, hi int, _ []T) {
	give(op.dx, op.x, op.y.grad[lo:hi], lo)
}
