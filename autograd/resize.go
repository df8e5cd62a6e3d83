package autograd

import (
	"fmt"

	"anomem/simd"
)

// Resize returns x [N H W C] resampled to [N oh ow C], bilinearly between the
// centres of its elements (align_corners=false), without a filter against aliasing.
//
//	s = max(0, (p + ½)·H/oh - ½), i = ⌊s⌋, a = s - i:
//	y[p] = (1-a)·x[i] + a·x[min(i+1, H-1)], along columns and then along rows
//	dx[i] += (1-a)·dy[p], dx[min(i+1, H-1)] += a·dy[p], the other way round
func (g *Graph[T]) Resize(x *Tensor[T], oh, ow int) *Tensor[T] {
	n, h, w, c := mapDims("Resize", x.shape)
	if oh < 1 || ow < 1 || h == 0 || w == 0 {
		panic(fmt.Sprintf("autograd: Resize: shape %v to %d × %d", x.shape, oh, ow))
	}
	across := NewOp[lerpOp[T]](g)
	*across = lerpOp[T]{x: x, y: g.NewTensor(n, h, ow, c), n: n * h, from: w, to: ow, size: c}
	across.run(g)
	down := NewOp[lerpOp[T]](g)
	*down = lerpOp[T]{x: across.y, y: g.NewTensor(n, oh, ow, c), n: n, from: h, to: oh, size: ow * c}
	down.run(g)
	return down.y
}

// lerpOp resamples one axis: n times from vectors of size elements to to vectors.
type lerpOp[T Float] struct {
	x, y           *Tensor[T]
	n              int
	from, to, size int
}

func (op *lerpOp[T]) run(g *Graph[T]) {
	g.forward(op, op.n*op.to, op.size)
	g.Record(op.y, op, op.x)
}

// source returns the vectors that vector p of the result mixes: (1-a)·x[i] + a·x[j].
func (op *lerpOp[T]) source(p int) (i, j int, a T) {
	// The conversion keeps the compiler from fusing the product with the sum.
	s := max(0, float64((float64(p)+0.5)*(float64(op.from)/float64(op.to)))-0.5)
	i = min(int(s), op.from-1)
	return i, min(i+1, op.from-1), T(s - float64(i))
}

func (op *lerpOp[T]) forward(lo, hi int) {
	for r := lo; r < hi; r++ {
		x := op.x.data[r/op.to*op.from*op.size:]
		i, j, a := op.source(r % op.to)
		y := op.y.data[r*op.size : (r+1)*op.size]
		simd.Scale(y, x[i*op.size:(i+1)*op.size], 1-a)
		simd.Axpy(y, a, x[j*op.size:(j+1)*op.size])
	}
}

func (op *lerpOp[T]) Backward(g *Graph[T]) {
	op.x.AccGrad(g)
	g.backward(op, op.n, max(op.from, op.to)*op.size)
}

func (op *lerpOp[T]) backward(lo, hi int, _ []T) {
	for r := lo * op.to; r < hi*op.to; r++ {
		dx := op.x.grad[r/op.to*op.from*op.size:]
		i, j, a := op.source(r % op.to)
		dy := op.y.grad[r*op.size : (r+1)*op.size]
		simd.Axpy(dx[i*op.size:(i+1)*op.size], 1-a, dy)
		simd.Axpy(dx[j*op.size:(j+1)*op.size], a, dy)
	}
}
