package autograd

import (
	"fmt"

	"anomem/simd"
)

// Slice returns elements from, ..., to-1 of x along an axis. Along the first axis
// (or where those before it have size 1) no element is copied.
//
//	y_i = x_{from+i}      dx_{from+i} += dy_i
func (g *Graph[T]) Slice(x *Tensor[T], axis, from, to int) *Tensor[T] {
	a := x.shape.axis("Slice", axis)
	if from < 0 || from > to || to > x.shape.dims[a] {
		panic(fmt.Sprintf("autograd: Slice: shape %v has no elements %d to %d along axis %d", x.shape, from, to, axis))
	}
	s := x.shape.with(a, to-from)
	rows, inner := s.span(0, a), s.span(a+1, s.rank)
	op := NewOp[sliceOp[T]](g)
	*op = sliceOp[T]{x: x, rows: rows, cols: (to - from) * inner, stride: x.shape.dims[a] * inner, from: from * inner}
	if rows == 1 {
		op.y = g.shared(x, op.from, s)
	} else {
		op.y = g.NewLike(s)
		if op.y.Len() > 0 {
			simd.CopyRows(op.y.data, op.cols, x.data[op.from:], op.stride, rows, op.cols)
		}
	}
	g.Record(op.y, op, x)
	return op.y
}

// The gradient has memory of its own even where the data have not: an operation on
// two slices that overlap could otherwise not add to both in one pass.
type sliceOp[T Float] struct {
	x, y         *Tensor[T]
	rows, cols   int // of y, as a matrix
	stride, from int // of that matrix inside x
}

func (op *sliceOp[T]) Backward(g *Graph[T]) {
	dx := op.x.AccGrad(g)
	if len(op.y.data) > 0 {
		addRows(dx[op.from:], op.stride, op.y.grad, op.cols, op.rows, op.cols)
	}
}

// addRows adds a matrix whose rows are lds apart to one whose rows are ldd apart.
func addRows[T Float](dst []T, ldd int, src []T, lds int, rows, cols int) {
	for i := range rows {
		d := dst[i*ldd:][:cols]
		simd.Add(d, d, src[i*lds:][:cols])
	}
}
