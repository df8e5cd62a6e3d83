package autograd

import (
	"fmt"
	"math"

	"anomem/simd"
)

// L2Normalize returns each row of the last axis divided by its length. A row
// shorter than eps, or so short that the reciprocal of its length overflows, gives
// zero and passes no gradient. (With eps below 1e-16, float32 also takes rows whose
// squares have lost digits or are 0.)
//
//	y = x/‖x‖      dx += (dy - y·(y·dy))/‖x‖
//
// Where the sum of squares overflows, which in float32 it does from a length of
// 2e19 on, the row is first divided by its largest magnitude m:
//
//	u = x/m      y = u/‖u‖      dx += (dy - y·(y·dy))/‖u‖/m
//
// A row with an infinity or a NaN gives NaN throughout, and so does its gradient.
func (g *Graph[T]) L2Normalize(x *Tensor[T], eps T) *Tensor[T] {
	rank := x.shape.rank
	if rank == 0 {
		panic(fmt.Sprintf("autograd: L2Normalize: shape %v has no last axis", x.shape))
	}
	op := NewOp[l2NormalizeOp[T]](g)
	op.x, op.y, op.eps = x, g.NewLike(x.shape), eps
	op.rows, op.cols = x.shape.span(0, rank-1), x.shape.dims[rank-1]
	op.inverse = g.floats.take(op.rows)
	g.forward(op, op.rows, op.cols)
	g.Record(op.y, op, x)
	return op.y
}

type l2NormalizeOp[T Float] struct {
	x, y       *Tensor[T]
	eps        T
	rows, cols int
	inverse    []T // 1/‖x‖ of each row, 0 if it is too short, or -1/‖x/m‖ if ‖x‖² overflows
}

func (op *l2NormalizeOp[T]) forward(lo, hi int) {
	n := op.cols
	inverse := op.inverse[lo:hi]
	simd.L2Norm(inverse, op.x.data[lo*n:hi*n], hi-lo, n)
	for r, norm := range inverse {
		inverse[r] = 1 / norm
		y, x := op.y.data[(lo+r)*n:(lo+r+1)*n], op.x.data[(lo+r)*n:(lo+r+1)*n]
		if math.IsInf(float64(norm), 1) {
			inverse[r] = op.forwardLong(y, x)
			continue
		}
		if norm < op.eps || math.IsInf(float64(inverse[r]), 1) {
			inverse[r] = 0
			simd.Fill(y, 0)
			continue
		}
		simd.Scale(y, x, inverse[r])
	}
}

// forwardLong is forward for a row without NaN whose sum of squares is infinite. It
// divides by m instead of multiplying by 1/m, which may be subnormal and imprecise.
func (op *l2NormalizeOp[T]) forwardLong(y, x []T) (inverse T) {
	m := largest(x)
	if math.IsInf(float64(m), 1) {
		nan := T(math.NaN())
		simd.Fill(y, nan)
		return nan
	}
	for i, v := range x {
		y[i] = v / m
	}
	norm := T(math.Sqrt(float64(simd.SumSq(y))))
	if norm*m < op.eps {
		simd.Fill(y, 0)
		return 0
	}
	simd.Scale(y, y, 1/norm)
	return -1 / norm
}

// largest returns the largest magnitude in a row without NaN.
func largest[T Float](row []T) T {
	var m T
	for _, v := range row {
		m = max(m, v, -v)
	}
	return m
}

func (op *l2NormalizeOp[T]) Backward(g *Graph[T]) {
	op.x.AccGrad(g)
	g.backwardTmp(op, op.rows, op.cols)
}

func (op *l2NormalizeOp[T]) backward(lo, hi int, tmp []T) {
	n := op.cols
	t := tmp[:n]
	for r := lo; r < hi; r++ {
		if op.inverse[r] == 0 {
			continue
		}
		y, dy := op.y.data[r*n:(r+1)*n], op.y.grad[r*n:(r+1)*n]
		simd.Scale(t, y, -simd.Dot(y, dy))
		simd.Add(t, t, dy)
		dx, inverse := op.x.grad[r*n:(r+1)*n], op.inverse[r]
		if !(inverse < 0) {
			simd.Axpy(dx, inverse, t)
			continue
		}
		m := largest(op.x.data[r*n : (r+1)*n])
		for i, v := range t {
			dx[i] -= v * inverse / m
		}
	}
}
