package autograd

import (
	"fmt"

	"anomem/simd"
)

// ConvNorm returns, as one operation and bit for bit, what Conv2D without bias,
// BatchNorm, Add of residual unless that is nil, and ReLU if relu is set return:
//
//	z = conv(x, w)      y = relu(norm(z) + residual)
//
//	dy' = dy where y > 0            dresidual += dy'
//	dγ, dβ, dz of BatchNorm, from dy' and z
//	dx, dw of Conv2D, from dz
//
// residual has the shape of the result. z is the only intermediate result kept for
// Backward, which frees it: a second Backward panics. In training the convolution
// takes the sums for the statistics. In evaluation it also normalises, if nothing is
// recorded. After Discard(y), y is computed again from z and residual.
//
// It panics where Conv2D, BatchNorm or Add of equal shapes do.
func (g *Graph[T]) ConvNorm(x, w *Tensor[T], c Conv, n Norm[T], residual *Tensor[T], relu bool) *Tensor[T] {
	s := makeConvShape("ConvNorm", x.shape, w.shape, c)
	shape := MakeShape(s.n, s.oh, s.ow, s.cout)
	checkNorm("ConvNorm", shape, &n)
	if residual != nil && residual.shape != shape {
		panic(fmt.Sprintf("autograd: ConvNorm: result of shape %v and residual of shape %v", shape, residual.shape))
	}
	op := NewOp[convNormOp[T]](g)
	*op = convNormOp[T]{
		conv: convOp[T]{x: x, w: w, y: g.NewLike(shape), s: s, algorithms: g.algorithms(&s)},
		norm: newChannelNorm(g, shape, &n), residual: residual, relu: relu,
	}
	op.y = op.conv.y // in place, unless z is to be kept
	if g.records(x, w, n.Gamma, n.Beta, residual) {
		op.conv.y.needs = true
		op.y = g.NewLike(shape)
	}
	op.run(g, &n)
	g.Record(op.y, op, x, w, n.Gamma, n.Beta, residual)
	return op.y
}

type convNormOp[T Float] struct {
	conv     convOp[T] // makes z, a tensor of the operation's own
	norm     channelNorm[T]
	residual *Tensor[T]
	y        *Tensor[T]
	relu     bool
	walked   bool // z is gone

	// For the backward pass in progress:
	passed    bool  // dz is wanted
	dresidual share // how dy' gets there
}

func (op *convNormOp[T]) run(g *Graph[T], n *Norm[T]) {
	var ep simd.Epilogue[T]
	if !op.norm.training {
		op.norm.runningStatistics(n)
		if op.y == op.conv.y {
			ep.Scale, ep.Shift, ep.ReLU = op.norm.scale, op.norm.shift, op.relu
			if op.residual != nil {
				ep.Residual, ep.ResidualStride = op.residual.data, op.norm.cols
			}
			op.conv.forward(g, ep)
			return
		}
		op.conv.forward(g, ep)
	} else {
		m := g.mark()
		columns := g.newColumns(1, op.norm.rows, op.norm.cols, true)
		ep.Sums, ep.Squares = columns.sum, columns.prod
		op.conv.forward(g, ep)
		sum, square := columns.total(0)
		op.norm.batchStatistics(n, sum, square)
		g.release(m)
	}
	g.forward(op, op.norm.rows, op.norm.cols)
}

// forward computes rows lo, ..., hi-1 of y from z.
func (op *convNormOp[T]) forward(lo, hi int) {
	from, to := lo*op.norm.cols, hi*op.norm.cols
	var residual []T
	if op.residual != nil {
		residual = op.residual.data[from:to]
	}
	op.norm.normalize(op.y.data[from:to], op.conv.y.data[from:to], residual, op.relu, hi-lo)
}

func (op *convNormOp[T]) remake(g *Graph[T]) {
	op.check()
	g.revive(op.residual)
	g.forward(op, op.norm.rows, op.norm.cols)
}

func (op *convNormOp[T]) check() {
	if op.walked {
		panic("autograd: ConvNorm: a second Backward, after the first has freed the memory that it needs")
	}
}

func (op *convNormOp[T]) reads(t *Tensor[T]) bool {
	return t == op.y && op.relu || t == op.norm.gamma || op.conv.reads(t)
}

func (op *convNormOp[T]) Backward(g *Graph[T]) {
	op.check()
	y, z := op.y, op.conv.y
	op.passed = op.conv.x.needs || op.conv.w.needs
	var through []T
	if op.relu {
		y.ownGrad(g)
		through = y.data
	}
	m := g.mark()
	op.norm.gradients(g, y.grad, z.data, through, op.passed)
	if y.discarded {
		g.drop(y)
	}
	op.dresidual = done
	if op.residual != nil {
		op.dresidual = op.residual.passGrad(g, y)
	}
	if op.passed || op.dresidual != done {
		g.backward(op, op.norm.rows, op.norm.cols)
	}
	g.release(m)
	y.dropGrad(g) // a convolution is to find memory free
	if op.passed {
		z.grad = z.data
		op.conv.Backward(g)
		z.grad = nil
	}
	g.drop(z)
	op.walked = true
}

// backward passes rows lo, ..., hi-1 of dy' on to residual, and stores those of dz in
// the place of z.
func (op *convNormOp[T]) backward(lo, hi int, _ []T) {
	from, to := lo*op.norm.cols, hi*op.norm.cols
	dy, z := op.y.grad[from:to], op.conv.y.data[from:to]
	give(op.dresidual, op.residual, dy, from)
	if op.passed {
		op.norm.gradient(z, dy, z, hi-lo)
	}
}
