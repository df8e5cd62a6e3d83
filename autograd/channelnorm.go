package autograd

import (
	"fmt"
	"math"

	"anomem/simd"
)

// Norm holds the parameters, running statistics and settings of a batch norm; see
// BatchNorm. All tensors are [C].
type Norm[T Float] struct {
	Gamma, Beta             *Tensor[T]
	RunningMean, RunningVar *Tensor[T] // nil in training: none are kept
	Options                 BatchNormOptions
}

// channelNorm normalises the channels of a map, rows × cols, for BatchNorm and
// ConvNorm.
type channelNorm[T Float] struct {
	gamma, beta  *Tensor[T]
	rows, cols   int
	training     bool
	mean, invStd []float64
	scale, shift []T // y = scale·x + shift

	// For the backward pass in progress: dx = gain·dy + slope·x + offset.
	gain, slope, offset []T
}

// checkNorm panics in the name of op unless n can normalise a tensor of shape s.
func checkNorm[T Float](op string, s Shape, n *Norm[T]) {
	if s.rank < 2 {
		panic(fmt.Sprintf("autograd: %s: shape %v has no channels and rows", op, s))
	}
	if n.Options.Training && s.span(0, s.rank-1) < 2 {
		panic(fmt.Sprintf("autograd: %s: shape %v: training needs two values a channel", op, s))
	}
	if !n.Options.Training && (n.RunningMean == nil || n.RunningVar == nil) {
		panic(fmt.Sprintf("autograd: %s: shape %v: no running statistics to evaluate with", op, s))
	}
	want := MakeShape(s.dims[s.rank-1])
	check := func(name string, t *Tensor[T]) {
		if t.shape != want {
			panic(fmt.Sprintf("autograd: %s: shape %v with %s of shape %v", op, s, name, t.shape))
		}
	}
	check("gamma", n.Gamma)
	check("beta", n.Beta)
	if n.RunningMean != nil {
		check("running mean", n.RunningMean)
	}
	if n.RunningVar != nil {
		check("running variance", n.RunningVar)
	}
}

// newChannelNorm returns the norm n of a tensor of shape s. One of batchStatistics
// and runningStatistics must be called before it is used.
func newChannelNorm[T Float](g *Graph[T], s Shape, n *Norm[T]) channelNorm[T] {
	rows, cols := s.span(0, s.rank-1), s.dims[s.rank-1]
	return channelNorm[T]{
		gamma: n.Gamma, beta: n.Beta, rows: rows, cols: cols, training: n.Options.Training,
		mean: g.doubles.take(cols), invStd: g.doubles.take(cols),
		scale: g.floats.take(cols), shift: g.floats.take(cols),
	}
}

// batchStatistics computes the statistics from each channel's sum and sum of squares,
// and updates the running ones.
func (c *channelNorm[T]) batchStatistics(n *Norm[T], sum, square []float64) {
	count, momentum := float64(c.rows), n.Options.Momentum
	if momentum == 0 {
		momentum = 0.1
	}
	for i := range c.cols {
		mean := sum[i] / count
		variance := max(0, square[i]/count-float64(mean*mean))
		c.mean[i], c.invStd[i] = mean, 1/math.Sqrt(variance+n.Options.eps())
		if n.RunningMean != nil {
			n.RunningMean.data[i] = blend(n.RunningMean.data[i], mean, momentum)
		}
		if n.RunningVar != nil {
			n.RunningVar.data[i] = blend(n.RunningVar.data[i], variance*count/(count-1), momentum)
		}
	}
	c.setScale()
}

// blend moves a running statistic towards a batch's.
func blend[T Float](running T, batch, momentum float64) T {
	return T(float64((1-momentum)*float64(running)) + float64(momentum*batch))
}

// runningStatistics uses the running statistics.
func (c *channelNorm[T]) runningStatistics(n *Norm[T]) {
	for i := range c.cols {
		c.mean[i] = float64(n.RunningMean.data[i])
		c.invStd[i] = 1 / math.Sqrt(float64(n.RunningVar.data[i])+n.Options.eps())
	}
	c.setScale()
}

func (o *BatchNormOptions) eps() float64 {
	if o.Eps == 0 {
		return 1e-5
	}
	return o.Eps
}

func (c *channelNorm[T]) setScale() {
	for i := range c.cols {
		c.scale[i] = T(float64(c.gamma.data[i]) * c.invStd[i])
		// A conversion keeps the compiler from fusing the product with the sum.
		c.shift[i] = T(float64(c.beta.data[i]) - float64(c.mean[i]*float64(c.scale[i])))
	}
}

// normalize computes rows of y, from x and, if it is not nil, residual.
func (c *channelNorm[T]) normalize(y, x, residual []T, relu bool, rows int) {
	simd.NormalizeRows(y, x, residual, c.scale, c.shift, rows, c.cols, relu)
}

// gradients adds to the gradients of gamma and beta. If passed is set, dx is wanted,
// and gradients prepares for gradient. If y, the result, is given, dy is first passed
// back through the ReLU that made y, in place. The caller has set a mark.
func (c *channelNorm[T]) gradients(g *Graph[T], dy, x, y []T, passed bool) {
	dgamma, dbeta := c.gamma.AccGrad(g), c.beta.AccGrad(g)
	sumDy, sumDyX := g.doubles.take(c.cols), g.doubles.take(c.cols) // Σ dy and Σ dy·x̂
	clear(sumDy)
	clear(sumDyX)
	if c.rows > 0 && (c.training || dgamma != nil || dbeta != nil || y != nil) {
		sum, dot := g.columnDots(dy, x, y, c.rows, c.cols).total(0)
		for i := range c.cols {
			sumDy[i] = sum[i]
			sumDyX[i] = (dot[i] - float64(c.mean[i]*sum[i])) * c.invStd[i]
		}
	}
	if dgamma != nil {
		addRounded(dgamma, sumDyX)
	}
	if dbeta != nil {
		addRounded(dbeta, sumDy)
	}
	if !passed {
		return
	}
	c.gain, c.slope, c.offset = g.floats.take(c.cols), g.floats.take(c.cols), g.floats.take(c.cols)
	n := float64(c.rows)
	for i := range c.cols {
		r := float64(c.gamma.data[i]) * c.invStd[i]
		slope := -r * c.invStd[i] * sumDyX[i] / n
		c.gain[i], c.slope[i] = T(r), T(slope)
		c.offset[i] = T(-float64(r*sumDy[i]/n) - float64(c.mean[i]*slope))
	}
	if !c.training {
		clear(c.offset)
	}
}

// addRounded adds totals to a gradient.
func addRounded[T Float](dst []T, sums []float64) {
	for i, v := range sums {
		dst[i] += T(v)
	}
}

// gradient computes rows of dx, which may be dy or x:
//
//	r·(dy - Σdy/n - x̂·Σ(dy·x̂)/n) = gain·dy + slope·x + offset
//
// with x̂ taken apart, and gain·dy alone in evaluation.
func (c *channelNorm[T]) gradient(dx, dy, x []T, rows int) {
	if c.training {
		simd.NormGrad(dx, dy, x, c.gain, c.slope, c.offset, rows, c.cols)
		return
	}
	simd.ScaleShiftRow(dx, dy, c.gain, c.offset, rows, c.cols)
}
