package autograd

import (
	"fmt"

	"anomem/simd"
)

// Window says how a pooling window of H × W moves over a map: in steps of Stride
// (0 counts as the window's own size), over the map and Pad on each side of it.
type Window struct{ H, W, StrideH, StrideW, PadH, PadW int }

// MaxPool returns the largest value of each channel of x [N H W C] in each window,
// [N OH OW C] with the sizes of Conv2D. Padding never wins; it is at most half the
// window. A NaN wins. Of several largest values the first, by row and column, gets
// the gradient.
//
//	y[p, q] = max_{i, j in window(p, q)} x[i, j]      dx[argmax] += dy[p, q]
//
// It panics if a map has 2³¹ elements H·W·C or more.
func (g *Graph[T]) MaxPool(x *Tensor[T], win Window) *Tensor[T] {
	op := NewOp[maxPoolOp[T]](g)
	*op = maxPoolOp[T]{x: x, windows: makeWindows(x.shape, win)}
	op.y = g.NewTensor(x.shape.dims[0], op.oh, op.ow, op.c)
	if g.off || !x.needs {
		op.values(g)
		return op.y
	}
	op.argmax = g.ints.take(op.y.Len())
	g.forward(op, x.shape.dims[0]*op.oh, op.ow*op.c*op.win.H*op.win.W)
	g.Record(op.y, op, x)
	return op.y
}

// Out returns the shape of MaxPool's result for maps of shape x.
func (win Window) Out(x Shape) Shape {
	w := makeWindows(x, win)
	return MakeShape(x.dims[0], w.oh, w.ow, w.c)
}

// MaxPoolInto sets y to what MaxPool returns, and records nothing. It panics where
// MaxPool does, and if y has another shape.
func MaxPoolInto[T Float](g *Graph[T], y, x *Tensor[T], win Window) {
	op := NewOp[maxPoolOp[T]](g)
	*op = maxPoolOp[T]{x: x, y: y, windows: makeWindows(x.shape, win)}
	if want := win.Out(x.shape); y.shape != want {
		panic(fmt.Sprintf("autograd: MaxPoolInto: result of shape %v: want %v", y.shape, want))
	}
	op.values(g)
}

// windows holds the dimensions of a pooling.
type windows struct {
	win             Window
	h, w, c, oh, ow int
}

func makeWindows(x Shape, win Window) windows {
	_, h, w, c := mapDims("MaxPool", x)
	x.check32("MaxPool", 1, 4)
	if win.StrideH == 0 {
		win.StrideH = win.H
	}
	if win.StrideW == 0 {
		win.StrideW = win.W
	}
	if win.H < 1 || win.W < 1 || win.StrideH < 1 || win.StrideW < 1 ||
		win.PadH < 0 || win.PadW < 0 || 2*win.PadH > win.H || 2*win.PadW > win.W ||
		h == 0 || w == 0 || h+2*win.PadH < win.H || w+2*win.PadW < win.W {
		panic(fmt.Sprintf("autograd: MaxPool: shape %v does not hold a window %+v", x, win))
	}
	return windows{win, h, w, c, (h+2*win.PadH-win.H)/win.StrideH + 1, (w+2*win.PadW-win.W)/win.StrideW + 1}
}

type maxPoolOp[T Float] struct {
	windows
	x, y   *Tensor[T]
	argmax []int32 // of each element of y: which element of the image
	fresh  bool    // dx is stored, not added to
}

func (op *maxPoolOp[T]) reads(*Tensor[T]) bool { return false }

// forward computes rows lo, ..., hi-1 of all maps of the result.
func (op *maxPoolOp[T]) forward(lo, hi int) {
	for r := lo; r < hi; r++ {
		image := op.x.data[r/op.oh*op.h*op.w*op.c:]
		top := r%op.oh*op.win.StrideH - op.win.PadH
		for q := range op.ow {
			left := q*op.win.StrideW - op.win.PadW
			at := (r*op.ow + q) * op.c
			y, arg := op.y.data[at:at+op.c], op.argmax[at:at+op.c]
			first := true
			for i := max(0, top); i < min(op.h, top+op.win.H); i++ {
				for j := max(0, left); j < min(op.w, left+op.win.W); j++ {
					from := (i*op.w + j) * op.c
					x := image[from : from+op.c]
					for k, v := range x {
						if first || v > y[k] || v != v {
							y[k], arg[k] = v, int32(from+k)
						}
					}
					first = false
				}
			}
		}
	}
}

// values runs the forward pass without keeping the argmax, where no gradient is wanted.
func (op *maxPoolOp[T]) values(g *Graph[T]) {
	g.forward((*maxPoolValues[T])(op), op.x.shape.dims[0]*op.oh, op.ow*op.c*op.win.H*op.win.W/8)
}

type maxPoolValues[T Float] maxPoolOp[T]

// forward computes rows lo, ..., hi-1 of all maps of the result.
func (op *maxPoolValues[T]) forward(lo, hi int) {
	for r := lo; r < hi; r++ {
		image := op.x.data[r/op.oh*op.h*op.w*op.c:]
		top := r%op.oh*op.win.StrideH - op.win.PadH
		for q := range op.ow {
			left := q*op.win.StrideW - op.win.PadW
			y := op.y.data[(r*op.ow+q)*op.c:][:op.c]
			first := true
			for i := max(0, top); i < min(op.h, top+op.win.H); i++ {
				for j := max(0, left); j < min(op.w, left+op.win.W); j++ {
					x := image[(i*op.w+j)*op.c:][:op.c]
					if first {
						copy(y, x)
					} else {
						simd.Larger(y, x, y)
					}
					first = false
				}
			}
		}
	}
}

func (op *maxPoolValues[T]) backward(int, int, []T) {}

func (op *maxPoolOp[T]) Backward(g *Graph[T]) {
	_, op.fresh = op.x.gradFor(g)
	g.backward(op, op.y.shape.dims[0], op.oh*op.ow*op.c)
}

// backward serves images lo, ..., hi-1: windows overlap only within one.
func (op *maxPoolOp[T]) backward(lo, hi int, _ []T) {
	size, out := op.h*op.w*op.c, op.oh*op.ow*op.c
	for n := lo; n < hi; n++ {
		dx, arg := op.x.grad[n*size:(n+1)*size], op.argmax[n*out:(n+1)*out]
		if op.fresh {
			clear(dx)
		}
		for i, d := range op.y.grad[n*out : (n+1)*out] {
			dx[arg[i]] += d
		}
	}
}
