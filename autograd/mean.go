package autograd

// Mean returns the mean over the given axes (none given: all), which are dropped
// or, if keep is set, become 1. The mean of nothing is NaN.
//
//	y = (1/n) Σ_i x_i      dx_i += dy/n
func (g *Graph[T]) Mean(x *Tensor[T], keep bool, axes ...int) *Tensor[T] {
	n := count("Mean", x.shape, axes)
	return g.Scale(g.Sum(x, keep, axes...), T(1/float64(n)))
}

// count returns the number of elements over which op reduces a tensor of shape s.
func count(op string, s Shape, axes []int) int {
	set := axisSetOf(op, s, axes)
	n := 1
	for i, d := range s.dims[:s.rank] {
		if set.has(i) {
			n *= d
		}
	}
	return n
}
