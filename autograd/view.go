package autograd

import "fmt"

// Reshape returns the elements of x, in the same order, with other dimensions, one
// of which may be -1: what is left. No element is copied, and the gradient is x's
// own.
//
//	y_i = x_i      dx_i += dy_i
func (g *Graph[T]) Reshape(x *Tensor[T], dims ...int) *Tensor[T] {
	s, ok := inferShape(x.shape, dims)
	if !ok {
		var want [MaxRank + 1]int // dims itself must not escape
		n := copy(want[:], dims)
		panic(fmt.Sprintf("autograd: Reshape: shape %v cannot become %v", x.shape, append([]int(nil), want[:n]...)))
	}
	return g.view(x, 0, s)
}

// inferShape is the shape of the given dimensions, one of which may be -1, if a
// tensor of shape s can have it.
func inferShape(s Shape, dims []int) (Shape, bool) {
	if len(dims) > MaxRank {
		return Shape{}, false
	}
	out, free, size := Shape{rank: len(dims)}, -1, 1
	for i, d := range dims {
		switch {
		case d >= 0:
			out.dims[i] = d
			size *= d
		case d == -1 && free < 0:
			free = i
		default:
			return Shape{}, false
		}
	}
	if free >= 0 {
		if size == 0 || s.Size()%size != 0 {
			return Shape{}, false
		}
		out.dims[free] = s.Size() / size
	}
	return out, out.Size() == s.Size()
}

// view returns the elements of x from number from on, in shape s.
func (g *Graph[T]) view(x *Tensor[T], from int, s Shape) *Tensor[T] {
	y := g.tensors.next()
	to := from + s.Size()
	*y = Tensor[T]{data: x.data[from:to:to], shape: s, base: x, from: from, arena: true}
	g.Record(y, NewOp[viewOp[T]](g), x)
	return y
}

// viewOp has nothing to do: a view's gradient is part of its base's.
type viewOp[T Float] struct{}

func (*viewOp[T]) Backward(*Graph[T]) {}
