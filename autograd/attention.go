package autograd

import (
	"fmt"

	"anomem/simd"
	"anomem/simd/pool"
)

// Attention returns the mixture [M D] of the values v [N D] for each query of q [M C], by
// the similarity of the query to the keys k [N C]:
//
//	P = softmax(scale·q·kᵀ)      y = P·v
//
//	dv += Pᵀ·dy      dS = scale·P⊙(dP - Σ_n P⊙dP), dP = dy·vᵀ
//	dq += dS·k       dk += dSᵀ·q
//
// It is MatMul, Scale, Softmax and MatMul as one operation, bit for bit. It takes rows of
// q together, few enough for their rows of P to stay in the cache. P is the only matrix of
// M×N that it keeps, and it keeps it only for Backward.
//
// It panics unless the shapes fit.
func (g *Graph[T]) Attention(q, k, v *Tensor[T], scale T) *Tensor[T] {
	if q.shape.rank != 2 || k.shape.rank != 2 || v.shape.rank != 2 || q.Dim(1) != k.Dim(1) || k.Dim(0) != v.Dim(0) {
		panic(fmt.Sprintf("autograd: Attention: shapes %v, %v and %v: want [M C], [N C] and [N D]", q.shape, k.shape, v.shape))
	}
	op := NewOp[attentionOp[T]](g)
	*op = attentionOp[T]{q: q, k: k, v: v, scale: scale, rows: max(attentionLeast, attentionBlock/max(1, k.Dim(0)))}
	op.y = g.NewTensor(q.Dim(0), v.Dim(1))
	if g.records(q, k, v) {
		op.p = g.floats.take(q.Dim(0) * k.Dim(0))
		op.run(g, (*attending[T])(op), q.Dim(0))
		g.Record(op.y, op, q, k, v)
		return op.y
	}
	m := g.mark()
	group := op.group(g)
	op.p = g.floats.take(min(group, q.Dim(0)) * k.Dim(0))
	for op.first = 0; op.first < q.Dim(0); op.first += group {
		op.run(g, (*attending[T])(op), min(group, q.Dim(0)-op.first))
	}
	g.release(m)
	return op.y
}

const (
	attentionBlock = 1 << 17 // elements of P that a chunk takes together
	attentionLeast = 128     // rows of a chunk: fewer are not worth packing the keys for
)

type attentionOp[T Float] struct {
	q, k, v, y *Tensor[T]
	scale      T
	p          []T // P, or without a record the rows of the group in hand
	rows       int // of a chunk
	first, end int // the rows in hand

	// For the backward pass in progress:
	dq  []T // nil: not wanted
	ds  []T // dS of the rows in hand
	tmp []T // a row for each chunk
}

// group returns the rows that are taken together, so that each thread has some and their
// part of P is still in the cache.
func (op *attentionOp[T]) group(g *Graph[T]) int { return 2 * op.rows * g.pool.Threads() }

// run runs a task over the next n rows from op.first on.
func (op *attentionOp[T]) run(g *Graph[T], t pool.Task, n int) {
	op.end = op.first + n
	g.pool.Run(t, (n+op.rows-1)/op.rows)
}

// chunk returns the rows lo, ..., hi-1 of chunk i.
func (op *attentionOp[T]) chunk(i int) (lo, hi int) {
	lo = op.first + i*op.rows
	return lo, min(lo+op.rows, op.end)
}

// attending is the task of computing rows of P and y.
type attending[T Float] attentionOp[T]

// Chunk implements pool.Task.
func (t *attending[T]) Chunk(i int) {
	op := (*attentionOp[T])(t)
	lo, hi := op.chunk(i)
	n, c, d := op.k.Dim(0), op.k.Dim(1), op.v.Dim(1)
	p := op.p[(lo-op.first)*n : (hi-op.first)*n]
	q := simd.Operand[T]{Data: op.q.data[lo*c:], Stride: c}
	simd.Gemm(nil, p, n, q, operand(op.k, true), hi-lo, n, c, simd.Epilogue[T]{})
	simd.Scale(p, p, op.scale)
	simd.Softmax(p, p, hi-lo, n)
	weights := simd.Operand[T]{Data: p, Stride: n}
	simd.Gemm(nil, op.y.data[lo*d:], d, weights, operand(op.v, false), hi-lo, d, n, simd.Epilogue[T]{})
}

func (op *attentionOp[T]) reads(t *Tensor[T]) bool { return t != op.y }

func (op *attentionOp[T]) Backward(g *Graph[T]) {
	m, n, c, d := op.q.Dim(0), op.k.Dim(0), op.k.Dim(1), op.v.Dim(1)
	if dv := op.v.AccGrad(g); dv != nil {
		g.addTurned(dv, op.p, op.y.grad, m, n, d)
	}
	op.dq = op.q.AccGrad(g)
	dk := op.k.AccGrad(g)
	if op.dq == nil && dk == nil {
		return
	}
	group := op.group(g)
	if op.q.root() == op.k.root() {
		group = max(1, m) // all of dq before dk, since both are added to one gradient
	}
	mark := g.mark()
	op.ds = g.floats.take(min(group, m) * n)
	op.tmp = g.floats.take((min(group, m) + op.rows - 1) / op.rows * n)
	for op.first = 0; op.first < m; op.first += group {
		rows := min(group, m-op.first)
		op.run(g, (*unattending[T])(op), rows)
		if dk != nil {
			g.addTurned(dk, op.ds, op.q.data[op.first*c:], rows, n, c)
		}
	}
	g.release(mark)
	op.first, op.dq, op.ds, op.tmp = 0, nil, nil, nil
}

// unattending is the task of computing rows of dS and adding to those of dq.
type unattending[T Float] attentionOp[T]

// Chunk implements pool.Task.
func (t *unattending[T]) Chunk(i int) {
	op := (*attentionOp[T])(t)
	lo, hi := op.chunk(i)
	n, c, d := op.k.Dim(0), op.k.Dim(1), op.v.Dim(1)
	ds := op.ds[(lo-op.first)*n : (hi-op.first)*n]
	dy := simd.Operand[T]{Data: op.y.grad[lo*d:], Stride: d}
	simd.Gemm(nil, ds, n, dy, operand(op.v, true), hi-lo, n, d, simd.Epilogue[T]{})
	tmp := op.tmp[i*n : (i+1)*n]
	for r := range hi - lo {
		dp := ds[r*n : (r+1)*n]
		p := op.p[(lo+r)*n : (lo+r+1)*n]
		simd.AddScalar(tmp, dp, -simd.Dot(p, dp))
		clear(dp)
		simd.MulAdd(dp, p, tmp)
		simd.Scale(dp, dp, op.scale)
	}
	if op.dq != nil {
		s := simd.Operand[T]{Data: ds, Stride: n}
		simd.Gemm(nil, op.dq[lo*c:], c, s, operand(op.k, false), hi-lo, c, n, simd.Epilogue[T]{Accumulate: true})
	}
}

// addTurned adds aᵀ·b to c [n d], for a [m n] and b [m d]. It computes the transpose,
// cᵀ + bᵀ·a, which has the same bits: a, by far the largest of the three, is then read
// row by row. Its columns would lie in a few sets of the cache if n is a power of two.
func (g *Graph[T]) addTurned(c, a, b []T, m, n, d int) {
	mark := g.mark()
	turned := g.floats.take(n * d)
	simd.Transpose(turned, c, n, d)
	simd.Gemm(g.pool, turned, n, simd.Operand[T]{Data: b, Stride: d, Trans: true}, simd.Operand[T]{Data: a, Stride: n},
		d, n, m, simd.Epilogue[T]{Accumulate: true})
	simd.Transpose(c, turned, d, n)
	g.release(mark)
}
