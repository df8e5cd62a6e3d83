package autograd

// Mean returns the mean over the given axes (none given: all), which are dropped
// or, if keep is set, become 1. The mean of nothing is NaN.
//
//	y = (1/n) Σ_i x_i      dx_i += dy/n
func (g *Graph[T]) Mean(x *Tensor[T], keep bool, axes ...int) *Tensor[T] {
	y := g.Sum(x, keep, axes...)
	return g.Scale(y, T(1/float64(count(x, axes))))
}

// count is the number of elements of x over which axes reduce.
func count[T Float](x *Tensor[T], axes []int) int {
	set := axisSetOf("Mean", x.shape, axes)
	n := 1
	for i, d := range x.shape.dims[:x.shape.rank] {
		if set.has(i) {
			n *= d
		}
	}
	return n
}
