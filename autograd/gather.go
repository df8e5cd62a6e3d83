package autograd

import (
	"fmt"

	"anomem/simd"
)

// GatherRows returns the rows of x, along its first axis, with the given numbers, in
// that order; a row may occur several times.
//
//	y[i] = x[idx[i]]      dx[idx[i]] += dy[i], in increasing i
func (g *Graph[T]) GatherRows(x *Tensor[T], idx []int32) *Tensor[T] {
	if x.shape.rank == 0 {
		panic(fmt.Sprintf("autograd: GatherRows: shape %v has no rows", x.shape))
	}
	rows := x.shape.dims[0]
	for i, r := range idx {
		if r < 0 || int(r) >= rows {
			panic(fmt.Sprintf("autograd: GatherRows: row %d, number %d of %d, of shape %v", r, i, len(idx), x.shape))
		}
	}
	mine := g.ints.take(len(idx))
	copy(mine, idx)
	return g.gather(x, mine, x.shape.with(0, len(idx)), x.shape.span(1, x.shape.rank))
}

// Position is a place in a batch of maps [N H W C].
type Position struct{ N, Y, X int }

// GatherPositions returns the vectors of x [N H W C] at the given positions, as
// [len(pos) C]; a position may occur several times.
//
//	y[i] = x[n_i, y_i, x_i]      dx[n_i, y_i, x_i] += dy[i], in increasing i
//
// It panics if N·H·W is 2³¹ or more.
func (g *Graph[T]) GatherPositions(x *Tensor[T], pos []Position) *Tensor[T] {
	n, h, w, c := mapDims("GatherPositions", x.shape)
	x.shape.check32("GatherPositions", 0, 3)
	for i, p := range pos {
		if uint(p.N) >= uint(n) || uint(p.Y) >= uint(h) || uint(p.X) >= uint(w) {
			panic(fmt.Sprintf("autograd: GatherPositions: position %+v, number %d of %d, of shape %v", p, i, len(pos), x.shape))
		}
	}
	idx := g.ints.take(len(pos))
	for i, p := range pos {
		idx[i] = int32((p.N*h+p.Y)*w + p.X)
	}
	return g.gather(x, idx, MakeShape(len(pos), c), c)
}

// gather returns the runs of cols elements of x with the given numbers, in shape s.
func (g *Graph[T]) gather(x *Tensor[T], idx []int32, s Shape, cols int) *Tensor[T] {
	op := NewOp[gatherOp[T]](g)
	*op = gatherOp[T]{x, g.NewLike(s), idx, cols}
	g.forward(op, len(idx), cols)
	g.Record(op.y, op, x)
	return op.y
}

type gatherOp[T Float] struct {
	x, y *Tensor[T]
	idx  []int32
	cols int
}

func (op *gatherOp[T]) forward(lo, hi int) {
	n := op.cols
	for i := lo; i < hi; i++ {
		from := int(op.idx[i]) * n
		copy(op.y.data[i*n:(i+1)*n], op.x.data[from:from+n])
	}
}

// Backward runs on one goroutine: rows may occur twice, and the order counts.
func (op *gatherOp[T]) Backward(g *Graph[T]) {
	dx, dy, n := op.x.AccGrad(g), op.y.grad, op.cols
	for i, r := range op.idx {
		row := dx[int(r)*n : (int(r)+1)*n]
		simd.Add(row, row, dy[i*n:(i+1)*n])
	}
}

func (op *gatherOp[T]) backward(int, int, []T) {}

// mapDims returns the dimensions of a batch of maps, and panics if s is not one.
func mapDims(op string, s Shape) (n, h, w, c int) {
	if s.rank != 4 {
		panic(fmt.Sprintf("autograd: %s: shape %v is not [N H W C]", op, s))
	}
	return s.dims[0], s.dims[1], s.dims[2], s.dims[3]
}
