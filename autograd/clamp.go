package autograd

import (
	"fmt"

	"anomem/simd"
)

// Clamp returns x limited to [lo, hi]; a NaN stays one. It panics unless lo <= hi.
// The gradient passes strictly between the bounds, and is 0 at them, as in ReLU.
// PyTorch 2.15 does the same where bounds are numbers; releases before the middle of
// 2026 passed all of it at a bound.
//
//	y = min(max(x, lo), hi)      dx += dy where lo < x < hi
func (g *Graph[T]) Clamp(x *Tensor[T], lo, hi T) *Tensor[T] {
	if !(lo <= hi) {
		panic(fmt.Sprintf("autograd: Clamp: shape %v: bounds %v and %v", x.shape, lo, hi))
	}
	return unary(g, x, clampFunc[T]{lo, hi}, noTmp)
}

type clampFunc[T Float] struct{ min, max T }

func (f clampFunc[T]) value(y, x []T) {
	simd.MaxScalar(y, x, f.min)
	simd.MinScalar(y, y, f.max)
}

func (f clampFunc[T]) gradient(dx, dy, x, _, _ []T) {
	dx, dy = dx[:len(x)], dy[:len(x)]
	for i, x := range x {
		if f.min < x && x < f.max {
			dx[i] += dy[i]
		}
	}
}
