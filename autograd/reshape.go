package autograd

import (
	"fmt"
	"slices"
)

// Reshape returns the elements of x, in the same order, with other dimensions; one of
// them may be -1 and follows from the others. No element is copied, and the gradient
// is x's own.
//
//	y_i = x_i      dx_i += dy_i
func (g *Graph[T]) Reshape(x *Tensor[T], dims ...int) *Tensor[T] {
	s, ok := inferShape(x.shape, dims)
	if !ok {
		panic(fmt.Sprintf("autograd: Reshape: shape %v cannot become %v", x.shape, slices.Clone(dims)))
	}
	y := g.shared(x, 0, s)
	y.base = x
	g.Record(y, NewOp[reshapeOp[T]](g), x)
	return y
}

// inferShape returns the shape of the given dimensions, one of which may be -1, and
// whether a tensor of shape s can have it.
func inferShape(s Shape, dims []int) (Shape, bool) {
	if len(dims) > MaxRank {
		return Shape{}, false
	}
	out, free := Shape{rank: len(dims)}, -1
	for i, d := range dims {
		switch {
		case d >= 0:
			out.dims[i] = d
		case d == -1 && free < 0:
			out.dims[i], free = 1, i
		default:
			return Shape{}, false
		}
	}
	size, ok := product(out.dims[:out.rank])
	if !ok {
		return Shape{}, false
	}
	if free >= 0 && size > 0 && s.Size()%size == 0 {
		out.dims[free] = s.Size() / size
		return out, true
	}
	return out, free < 0 && size == s.Size()
}

// shared returns a tensor of shape s whose data are those of x from element from
// on, without a copy.
func (g *Graph[T]) shared(x *Tensor[T], from int, s Shape) *Tensor[T] {
	y := g.tensors.next()
	to := from + s.Size()
	y.data, y.shape, y.arena = x.data[from:to:to], s, true
	y.viewed = true
	if x.arena { // a leaf has no memory to discard, and other goroutines may read it
		x.viewed = true
	}
	return y
}

// reshapeOp has nothing to do: the result's gradient is the input's.
type reshapeOp[T Float] struct{}

func (*reshapeOp[T]) Backward(*Graph[T]) {}
