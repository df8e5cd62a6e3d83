package autograd

import (
	"fmt"

	"anomem/simd"
)

// AvgPoolTo returns the averages of x [N H W C] over PyTorch's adaptive windows, as
// [N oh ow C]: row p of the result is the mean of rows ⌊p·H/oh⌋, ...,
// ⌈(p+1)·H/oh⌉-1 of x, and columns likewise.
//
//	y[p, q] = (1/m) Σ_{i, j in window(p, q)} x[i, j]      dx[i, j] += dy[p, q]/m
func (g *Graph[T]) AvgPoolTo(x *Tensor[T], oh, ow int) *Tensor[T] {
	n, h, w, c := mapDims("AvgPoolTo", x.shape)
	if oh < 1 || ow < 1 || h == 0 || w == 0 {
		panic(fmt.Sprintf("autograd: AvgPoolTo: shape %v to %d × %d", x.shape, oh, ow))
	}
	op := NewOp[avgPoolOp[T]](g)
	*op = avgPoolOp[T]{x: x, y: g.NewTensor(n, oh, ow, c), h: h, w: w, c: c, oh: oh, ow: ow}
	g.forward(op, n*oh, max(w, ow)*c*(h/oh+1))
	g.Record(op.y, op, x)
	return op.y
}

// GlobalAvgPool returns the mean of each channel of x [N H W C] over its map, as
// [N C]. It is Mean over the axes 1 and 2.
func (g *Graph[T]) GlobalAvgPool(x *Tensor[T]) *Tensor[T] {
	mapDims("GlobalAvgPool", x.shape)
	return g.Mean(x, false, 1, 2)
}

type avgPoolOp[T Float] struct {
	x, y            *Tensor[T]
	h, w, c, oh, ow int
}

// window returns the range of n inputs over which output i of m averages.
func window(i, n, m int) (from, to int) { return i * n / m, ((i+1)*n + m - 1) / m }

// forward computes rows lo, ..., hi-1 of all maps of the result.
func (op *avgPoolOp[T]) forward(lo, hi int) {
	for r := lo; r < hi; r++ {
		image := op.x.data[r/op.oh*op.h*op.w*op.c:]
		top, bottom := window(r%op.oh, op.h, op.oh)
		for q := range op.ow {
			left, right := window(q, op.w, op.ow)
			at := (r*op.ow + q) * op.c
			y := op.y.data[at : at+op.c]
			clear(y)
			for i := top; i < bottom; i++ {
				for j := left; j < right; j++ {
					from := (i*op.w + j) * op.c
					simd.Add(y, y, image[from:from+op.c])
				}
			}
			simd.Scale(y, y, 1/T((bottom-top)*(right-left)))
		}
	}
}

func (op *avgPoolOp[T]) Backward(g *Graph[T]) {
	op.x.AccGrad(g)
	g.backward(op, op.y.shape.dims[0], max(op.h*op.w, op.oh*op.ow)*op.c)
}

// backward handles images lo, ..., hi-1: windows overlap only within one.
func (op *avgPoolOp[T]) backward(lo, hi int, _ []T) {
	for r := lo * op.oh; r < hi*op.oh; r++ {
		image := op.x.grad[r/op.oh*op.h*op.w*op.c:]
		top, bottom := window(r%op.oh, op.h, op.oh)
		for q := range op.ow {
			left, right := window(q, op.w, op.ow)
			at := (r*op.ow + q) * op.c
			dy, m := op.y.grad[at:at+op.c], 1/T((bottom-top)*(right-left))
			for i := top; i < bottom; i++ {
				for j := left; j < right; j++ {
					from := (i*op.w + j) * op.c
					simd.Axpy(image[from:from+op.c], m, dy)
				}
			}
		}
	}
}
