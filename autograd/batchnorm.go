package autograd

import (
	"fmt"
	"math"

	"anomem/simd"
)

// BatchNormOptions are the settings of BatchNorm.
type BatchNormOptions struct {
	Training bool    // use the batch's own statistics, and update the running ones
	Momentum float64 // of the batch in the running statistics; 0 counts as 0.1
	Eps      float64 // added to the variance; 0 counts as 1e-5
}

// BatchNorm normalises each channel, the last axis of x, over all other axes.
//
//	y = γ·x̂ + β,   x̂ = (x - μ)/√(σ² + eps)
//
// In training μ and σ² are the mean and the (biased) variance of the n values of
// the batch; the running statistics, unless nil, become
//
//	mean ← (1-m)·mean + m·μ      variance ← (1-m)·variance + m·σ²·n/(n-1)
//
// also where nothing is recorded. Otherwise μ and σ² are the running ones. Then,
// with r = γ/√(σ² + eps),
//
//	dγ += Σ dy·x̂      dβ += Σ dy
//	dx += r·(dy - Σdy/n - x̂·Σ(dy·x̂)/n) in training, r·dy otherwise
//
// The statistics follow simd.ColumnMoments, σ² = Σx²/n - (Σx/n)² is in float64, and
// y is one fused multiply-add of x. gamma, beta and the running statistics have the
// shape [C]. It panics in training with fewer than two values a channel.
//
// One pass over x gives both sums, at the price of digits where a channel's mean is
// far from 0. In float32 a chunk of 128 rows makes at most 128 roundings in a row, so
// that Σ|x| and Σx² are off by at most γ = 128·2⁻²⁴/(1 - 128·2⁻²⁴) of themselves,
// Σx²/n by γ·(σ²+μ²), and (Σx/n)² by (2γ+γ²)·(σ²+μ²):
//
//	|error of σ²| <= 2.3e-5·(σ² + μ²)
//
// Errors of roundings and chunks mostly cancel: what is seen is about
// 1e-6·(σ² + μ²)/√(n/128), some 2e-7·(1 + μ²/σ²) of the variance for n = 4096. From
// |μ| = 200σ on no digit is sure. A σ² that comes out negative counts as 0; squares
// that overflow make it infinite, and a NaN or an infinity in x makes it a NaN.
func (g *Graph[T]) BatchNorm(x, gamma, beta, runningMean, runningVar *Tensor[T], o BatchNormOptions) *Tensor[T] {
	if o.Momentum == 0 {
		o.Momentum = 0.1
	}
	if o.Eps == 0 {
		o.Eps = 1e-5
	}
	op := NewOp[batchNormOp[T]](g)
	op.x, op.gamma, op.beta, op.training = x, gamma, beta, o.Training
	op.checkShapes(runningMean, runningVar)
	op.y = g.NewLike(x.shape)
	op.mean, op.invStd = g.doubles.take(op.cols), g.doubles.take(op.cols)
	if o.Training {
		op.batchStatistics(g, runningMean, runningVar, o)
	} else {
		for c := range op.cols {
			op.mean[c] = float64(runningMean.data[c])
			op.invStd[c] = 1 / math.Sqrt(float64(runningVar.data[c])+o.Eps)
		}
	}

	op.scale, op.shift = g.floats.take(op.cols), g.floats.take(op.cols)
	for c := range op.cols {
		op.scale[c] = T(float64(gamma.data[c]) * op.invStd[c])
		// A conversion keeps the compiler from fusing the product with the sum.
		op.shift[c] = T(float64(beta.data[c]) - float64(op.mean[c]*float64(op.scale[c])))
	}
	g.forward(op, op.rows, op.cols)
	g.Record(op.y, op, x, gamma, beta)
	return op.y
}

type batchNormOp[T Float] struct {
	x, gamma, beta, y *Tensor[T]
	rows, cols        int
	training          bool
	mean, invStd      []float64

	// y is scale·x + shift.
	scale, shift []T

	// For the pass in progress: dx is gain·dy + slope·x + offset.
	gain, slope, offset, zero []T

	fresh bool // dx is to be stored
}

func (op *batchNormOp[T]) remake(g *Graph[T]) {
	g.revive(op.x)
	g.forward(op, op.rows, op.cols)
}

func (op *batchNormOp[T]) reads(t *Tensor[T]) bool { return t != op.y }

func (op *batchNormOp[T]) checkShapes(runningMean, runningVar *Tensor[T]) {
	s := op.x.shape
	if s.rank < 2 {
		panic(fmt.Sprintf("autograd: BatchNorm: shape %v has no channels and rows", s))
	}
	op.rows, op.cols = s.span(0, s.rank-1), s.dims[s.rank-1]
	if op.training && op.rows < 2 {
		panic(fmt.Sprintf("autograd: BatchNorm: shape %v: training needs two values a channel", s))
	}
	if !op.training && (runningMean == nil || runningVar == nil) {
		panic(fmt.Sprintf("autograd: BatchNorm: shape %v: no running statistics to evaluate with", s))
	}
	want := MakeShape(op.cols)
	op.checkChannels("gamma", op.gamma, want)
	op.checkChannels("beta", op.beta, want)
	if runningMean != nil {
		op.checkChannels("running mean", runningMean, want)
	}
	if runningVar != nil {
		op.checkChannels("running variance", runningVar, want)
	}
}

func (op *batchNormOp[T]) checkChannels(name string, t *Tensor[T], want Shape) {
	if t.shape != want {
		panic(fmt.Sprintf("autograd: BatchNorm: shape %v with %s of shape %v", op.x.shape, name, t.shape))
	}
}

// batchStatistics computes the mean and variance of each channel.
func (op *batchNormOp[T]) batchStatistics(g *Graph[T], runningMean, runningVar *Tensor[T], o BatchNormOptions) {
	m := g.mark()
	sum, square := g.columns(op.x.data, nil, 1, op.rows, op.cols, true).total(0)
	n := float64(op.rows)
	for c := range op.cols {
		mean := sum[c] / n
		variance := max(0, square[c]/n-float64(mean*mean))
		op.mean[c], op.invStd[c] = mean, 1/math.Sqrt(variance+o.Eps)
		if runningMean != nil {
			runningMean.data[c] = blend(runningMean.data[c], mean, o.Momentum)
		}
		if runningVar != nil {
			runningVar.data[c] = blend(runningVar.data[c], variance*n/(n-1), o.Momentum)
		}
	}
	g.release(m)
}

// blend moves a running statistic towards a batch's.
func blend[T Float](running T, batch, momentum float64) T {
	return T(float64((1-momentum)*float64(running)) + float64(momentum*batch))
}

func (op *batchNormOp[T]) forward(lo, hi int) {
	from, to := lo*op.cols, hi*op.cols
	simd.ScaleShiftRow(op.y.data[from:to], op.x.data[from:to], op.scale, op.shift, hi-lo, op.cols)
}

func (op *batchNormOp[T]) Backward(g *Graph[T]) {
	dx, fresh := op.x.gradFor(g)
	op.fresh = fresh
	dgamma, dbeta := op.gamma.AccGrad(g), op.beta.AccGrad(g)
	m := g.mark()
	sumDy, sumDyX := g.doubles.take(op.cols), g.doubles.take(op.cols) // Σ dy and Σ dy·x̂
	clear(sumDy)
	clear(sumDyX)
	if op.rows > 0 && (op.training || dgamma != nil || dbeta != nil) {
		dy, dyx := g.columns(op.y.grad, op.x.data, 1, op.rows, op.cols, false).total(0)
		for c := range op.cols {
			sumDy[c] = dy[c]
			sumDyX[c] = (dyx[c] - float64(op.mean[c]*dy[c])) * op.invStd[c]
		}
	}
	if dgamma != nil {
		addRounded(dgamma, sumDyX)
	}
	if dbeta != nil {
		addRounded(dbeta, sumDy)
	}
	if dx != nil {
		// dx = gain·dy + slope·x + offset, with x̂ taken apart.
		op.slope, op.offset = g.floats.take(op.cols), g.floats.take(op.cols)
		op.gain, op.zero = g.floats.take(op.cols), g.floats.take(op.cols)
		clear(op.zero)
		n := float64(op.rows)
		for c := range op.cols {
			r := float64(op.gamma.data[c]) * op.invStd[c]
			slope := -r * op.invStd[c] * sumDyX[c] / n
			op.gain[c], op.slope[c] = T(r), T(slope)
			op.offset[c] = T(-float64(r*sumDy[c]/n) - float64(op.mean[c]*slope))
		}
		g.backwardTmp(op, op.rows, op.cols)
	}
	g.release(m)
}

// addRounded adds totals to a gradient.
func addRounded[T Float](dst []T, sums []float64) {
	for i, v := range sums {
		dst[i] += T(v)
	}
}

func (op *batchNormOp[T]) backward(lo, hi int, tmp []T) {
	from, to, rows := lo*op.cols, hi*op.cols, hi-lo
	t, dx := tmp[:to-from], op.x.grad[from:to]
	if op.fresh {
		simd.ScaleShiftRow(dx, op.y.grad[from:to], op.gain, op.zero, rows, op.cols)
	} else {
		simd.ScaleShiftRow(t, op.y.grad[from:to], op.gain, op.zero, rows, op.cols)
		simd.Add(dx, dx, t)
	}
	if op.training {
		simd.ScaleShiftRow(t, op.x.data[from:to], op.slope, op.offset, rows, op.cols)
		simd.Add(dx, dx, t)
	}
}
