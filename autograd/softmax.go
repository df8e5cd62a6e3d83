package autograd

import "anomem/simd"

// Softmax returns the softmax over the given axes, at least one.
//
//	y_i = e^x_i / Σ_j e^x_j      dx_i += y_i·(dy_i - Σ_j y_j·dy_j)
func (g *Graph[T]) Softmax(x *Tensor[T], axes ...int) *Tensor[T] {
	return rowMap(g, "Softmax", x, axes, softmaxFunc[T]{})
}

type softmaxFunc[T Float] struct{}

func (softmaxFunc[T]) value(y, x []T, rows, cols int) { simd.Softmax(y, x, rows, cols) }

func (softmaxFunc[T]) gradient(dx, dy, y, tmp []T) {
	simd.AddScalar(tmp, dy, -simd.Dot(y, dy))
	simd.MulAdd(dx, y, tmp)
}
