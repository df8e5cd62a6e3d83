package autograd

import "anomem/simd"

// collapse sums src, of shape s, over axes and stores the sums in dst, or adds
// them to it. The order is fixed by the shape: neighbouring axes of one kind count
// as one, and the innermost summed one goes first, by sumRows if it is the last
// and by sumColumns if not.
func (g *Graph[T]) collapse(dst, src []T, s Shape, axes axisSet, add bool) {
	if len(src) == 0 {
		if !add {
			simd.Fill(dst, 0)
		}
		return
	}
	m := g.mark()
	s, axes = s.grouped(axes)
	for axes != 0 {
		last := s.rank - 1
		if axes.has(last) {
			src = g.sumRows(src, s.span(0, last), s.dims[last])
			s, axes = s.without(last).grouped(axes &^ (1 << last))
			continue
		}
		src = g.sumColumns(src, s.span(0, last-1), s.dims[last-1], s.dims[last])
		s, axes = s.without(last - 1).grouped(axes &^ (1 << (last - 1)))
	}
	if add {
		simd.Add(dst, dst, src)
	} else {
		copy(dst, src)
	}
	g.release(m)
}

// sumBlock is the most elements in one call of simd.Sum. A longer row is summed by
// blocks, and then their sums, which errs less and lets threads share a row.
const sumBlock = 1 << 12

// sumRows returns the sum of each row of x.
func (g *Graph[T]) sumRows(x []T, rows, cols int) []T {
	for {
		op := NewOp[rowSums[T]](g)
		op.x, op.cols, op.blocks = x, cols, (cols+sumBlock-1)/sumBlock
		op.sum = g.floats.take(rows * op.blocks)
		g.forward(op, rows*op.blocks, min(cols, sumBlock))
		if op.blocks == 1 {
			return op.sum
		}
		x, cols = op.sum, op.blocks
	}
}

// rowSums computes the sum of each block of each row of x.
type rowSums[T Float] struct {
	sum, x       []T
	cols, blocks int
}

func (op *rowSums[T]) forward(lo, hi int) {
	for i := lo; i < hi; i++ {
		row := op.x[i/op.blocks*op.cols:][:op.cols]
		from := i % op.blocks * sumBlock
		op.sum[i] = simd.Sum(row[from:min(from+sumBlock, op.cols)])
	}
}

func (op *rowSums[T]) backward(int, int, []T) {}
