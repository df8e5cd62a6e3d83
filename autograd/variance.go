package autograd

// Variance returns the variance over the given axes (none given: all), which are
// dropped or, if keep is set, become 1: the mean square distance from the mean,
// times n/(n-1) if unbiased, which for a single element is NaN.
//
//	y = (1/m) Σ_i (x_i - x̄)²      dx_i += (2/m)·(x_i - x̄)·dy,      m = n or n-1
func (g *Graph[T]) Variance(x *Tensor[T], unbiased, keep bool, axes ...int) *Tensor[T] {
	m := count("Variance", x.shape, axes)
	if unbiased {
		m--
	}
	centred := g.Sub(x, g.Mean(x, true, axes...))
	return g.Scale(g.Sum(g.Square(centred), keep, axes...), T(1/float64(max(m, 0))))
}
