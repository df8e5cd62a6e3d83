package autograd

import (
	"fmt"

	"anomem/simd"
)

// LeakyReLU returns x where it is positive and slope·x elsewhere; a NaN stays one. The
// gradient at 0 is the slope. It panics unless 0 <= slope <= 1.
//
//	y = max(x, slope·x)      dx += dy where x > 0, slope·dy elsewhere
func (g *Graph[T]) LeakyReLU(x *Tensor[T], slope T) *Tensor[T] {
	if !(slope >= 0 && slope <= 1) {
		panic(fmt.Sprintf("autograd: LeakyReLU: shape %v: slope %v: want 0 to 1", x.shape, slope))
	}
	return unary(g, x, leakyReLUFunc[T]{slope}, withTmp)
}

type leakyReLUFunc[T Float] struct{ slope T }

func (f leakyReLUFunc[T]) value(y, x []T) {
	simd.Scale(y, x, f.slope)
	simd.Larger(y, x, y)
}

func (f leakyReLUFunc[T]) gradient(dx, dy, x, _, tmp []T) {
	d := tmp[:len(dx)]
	simd.KeepPositive(d, dy, x)
	simd.Add(dx, dx, d)
	simd.Sub(d, dy, d) // dy or, where x > 0, zero
	simd.Axpy(dx, f.slope, d)
}
