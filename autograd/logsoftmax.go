package autograd

import "anomem/simd"

// LogSoftmax returns the logarithm of the softmax over the given axes, at least one.
//
//	y_i = x_i - ln Σ_j e^x_j      dx_i += dy_i - e^y_i·Σ_j dy_j
func (g *Graph[T]) LogSoftmax(x *Tensor[T], axes ...int) *Tensor[T] {
	return rowMap(g, "LogSoftmax", x, axes, logSoftmaxFunc[T]{})
}

type logSoftmaxFunc[T Float] struct{}

func (logSoftmaxFunc[T]) value(y, x []T, rows, cols int) { simd.LogSoftmax(y, x, rows, cols) }

func (logSoftmaxFunc[T]) gradient(dx, dy, y, tmp []T) {
	simd.Exp(tmp, y)
	simd.Add(dx, dx, dy)
	simd.Axpy(dx, -simd.Sum(dy), tmp)
}
