package autograd

import "anomem/simd"

// BatchNormOptions are the settings of BatchNorm.
type BatchNormOptions struct {
	Training bool    // use the batch's own statistics, and update the running ones
	Momentum float64 // weight of the batch in the running statistics; 0 counts as 0.1
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
// even if nothing is recorded. Otherwise μ and σ² are the running ones. With
// r = γ/√(σ² + eps) the gradients are
//
//	dγ += Σ dy·x̂      dβ += Σ dy
//	dx += r·(dy - Σdy/n - x̂·Σ(dy·x̂)/n) in training, r·dy otherwise
//
// The statistics follow simd.ColumnMoments, σ² = Σx²/n - (Σx/n)² is in float64, and
// y is one fused multiply-add of x. gamma, beta and the running statistics have the
// shape [C]. It panics in training with fewer than two values a channel.
//
// One pass over x gives both sums, but loses digits where a channel's mean is far from
// 0. In float32 a chunk of 128 rows makes at most 128 roundings in a row, so that Σ|x|
// and Σx² have a relative error of at most γ = 128·2⁻²⁴/(1 - 128·2⁻²⁴), Σx²/n errs by
// γ·(σ²+μ²), and (Σx/n)² by (2γ+γ²)·(σ²+μ²):
//
//	|error of σ²| <= 2.3e-5·(σ² + μ²)
//
// Errors of roundings and chunks mostly cancel: the error observed is about
// 1e-6·(σ² + μ²)/√(n/128), a relative 2e-7·(1 + μ²/σ²) of the variance for n = 4096.
// From |μ| = 200σ on no digit is certain. A negative σ² counts as 0; squares that
// overflow make it infinite, and a NaN or an infinity in x makes it a NaN.
func (g *Graph[T]) BatchNorm(x, gamma, beta, runningMean, runningVar *Tensor[T], o BatchNormOptions) *Tensor[T] {
	n := Norm[T]{gamma, beta, runningMean, runningVar, o}
	checkNorm("BatchNorm", x.shape, &n)
	op := NewOp[batchNormOp[T]](g)
	op.x, op.y, op.norm = x, g.NewLike(x.shape), newChannelNorm(g, x.shape, &n)
	if o.Training {
		m := g.mark()
		sum, square := g.columns(x.data, 1, op.norm.rows, op.norm.cols, true).total(0)
		op.norm.batchStatistics(&n, sum, square)
		g.release(m)
	} else {
		op.norm.runningStatistics(&n)
	}
	g.forward(op, op.norm.rows, op.norm.cols)
	g.Record(op.y, op, x, gamma, beta)
	return op.y
}

type batchNormOp[T Float] struct {
	x, y  *Tensor[T]
	norm  channelNorm[T]
	fresh bool // dx is stored, not added to
}

func (op *batchNormOp[T]) forward(lo, hi int) {
	from, to := lo*op.norm.cols, hi*op.norm.cols
	op.norm.normalize(op.y.data[from:to], op.x.data[from:to], nil, false, hi-lo)
}

func (op *batchNormOp[T]) remake(g *Graph[T]) {
	g.revive(op.x)
	g.forward(op, op.norm.rows, op.norm.cols)
}

func (op *batchNormOp[T]) reads(t *Tensor[T]) bool { return t != op.y }

func (op *batchNormOp[T]) Backward(g *Graph[T]) {
	dx, fresh := op.x.gradFor(g)
	op.fresh = fresh
	m := g.mark()
	op.norm.gradients(g, op.y.grad, op.x.data, nil, dx != nil)
	if dx != nil {
		g.backwardTmp(op, op.norm.rows, op.norm.cols)
	}
	g.release(m)
}

func (op *batchNormOp[T]) backward(lo, hi int, tmp []T) {
	from, to := lo*op.norm.cols, hi*op.norm.cols
	dx, dy, x := op.x.grad[from:to], op.y.grad[from:to], op.x.data[from:to]
	if op.fresh {
		op.norm.gradient(dx, dy, x, hi-lo)
		return
	}
	t := tmp[:to-from]
	op.norm.gradient(t, dy, x, hi-lo)
	simd.Add(dx, dx, t)
}
