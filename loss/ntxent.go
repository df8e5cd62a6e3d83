package loss

import (
	"fmt"
	"math"

	"anomem/autograd"
	"anomem/simd"
)

// SimCLR is eq. 2, the mean of NTXent over all 2B ordered pairs of the views z and zp
// [B C] or, with z and zp [P B C], over those of P batches. The result is a scalar. SimCLR
// panics where NTXent does.
func SimCLR[T autograd.Float](g *autograd.Graph[T], z, zp *autograd.Tensor[T], tau float64) *autograd.Tensor[T] {
	return g.Mean(NTXent(g, z, zp, tau), false)
}

// NTXent is eq. 5 for every ordered pair of the views z and zp [B C]: element k of the
// result [2B] is l(z_k, z'_k), and element B+k is l(z'_k, z_k). The denominator runs over
// the 2B - 1 other rows of both views. With z and zp [P B C], the P batches are
// independent and the result is [P 2B]. tau > 0 is the temperature. NTXent panics on other
// shapes, without any pair, unless τ > 0, and unless 4/τ is finite in T: a similarity is
// at most 1/τ, and the rounded difference of two is below 4/τ.
//
// With h the rows on the unit sphere, in the order of the result, s_ij = ⟨h_i, h_j⟩/τ,
// and π(i) the partner of i,
//
//	l_i = ln(1 + Σ_{j≠i,π(i)} exp(s_ij - s_iπ(i)))
//
// which loses no digits if the pair is far closer than all others, and does not overflow
// if it is far less close. With p_ij = exp(s_ij - s_iπ(i) - l_i), the softmax of row i
// without the diagonal, and g_i the gradient of l_i,
//
//	dh_i = 1/τ Σ_{j≠i} (g_i·(p_ij - [j=π(i)]) + g_j·(p_ji - [i=π(j)]))·h_j
//	1 - p_iπ(i) = Σ_{j≠i,π(i)} p_ij
//
// The 2B×2B similarities are not stored: the forward and the backward pass compute them
// in blocks of 256 columns, in order.
func NTXent[T autograd.Float](g *autograd.Graph[T], z, zp *autograd.Tensor[T], tau float64) *autograd.Tensor[T] {
	if z.Shape() != zp.Shape() || z.Rank() < 2 || z.Rank() > 3 {
		panic(fmt.Sprintf("loss: NTXent: shapes %v and %v: want two of [B C] or two of [P B C]", z.Shape(), zp.Shape()))
	}
	batch := z.Rank() - 2 // the axis
	if z.Dim(0) == 0 || z.Dim(batch) == 0 {
		panic(fmt.Sprintf("loss: NTXent: shapes %v and %v hold no pair", z.Shape(), zp.Shape()))
	}
	if !(tau > 0) {
		panic(fmt.Sprintf("loss: NTXent: temperature %g: want > 0", tau))
	}
	if math.IsInf(float64(T(4/tau)), 1) {
		panic(fmt.Sprintf("loss: NTXent: temperature %g: 4/τ overflows %T", tau, T(0)))
	}
	h := g.L2Normalize(g.Concat(batch, z, zp), shortest)
	n := 2 * z.Dim(batch)

	op := autograd.NewOp[ntxentOp[T]](g)
	op.h, op.n, op.channels = h, n, z.Dim(-1)
	op.invTau = T(1 / tau)
	if batch == 0 {
		op.groups, op.out = 1, g.NewTensor(n)
	} else {
		op.groups, op.out = z.Dim(0), g.NewTensor(z.Dim(0), n)
	}
	op.near, op.rest = g.Scratch(op.groups*n), g.Scratch(op.groups*n)
	op.run(g)
	g.Record(op.out, op, h)
	return op.out
}

const (
	shortest      = 1e-12 // a row shorter than this has no direction
	ntxentColumns = 256   // columns of similarities at a time; the order of the sums depends on it
	ntxentRows    = 128   // rows of a tile
	ntxentPairs   = 16    // rows whose cosines with their partners are one small product
)

type ntxentOp[T autograd.Float] struct {
	h, out      *autograd.Tensor[T] // [P n C] unit rows, [P n]
	groups      int                 // P
	n, channels int                 // 2B, C
	invTau      T
	near        []T // ⟨h_i, h_π(i)⟩, P·n
	rest        []T // 1 - p_iπ(i), P·n

	// State of the pass in progress:
	dh, dl  []T // gradients of h and out; nil in the forward pass
	slots   int // tiles in progress at once
	scratch []T // ntxentScratch for each slot
}

const ntxentScratch = (ntxentRows+1)*ntxentColumns + 2*ntxentRows

// run computes all tiles. A tile's result does not depend on its slot. There are no more
// slots than threads, because each slot has a block of similarities.
func (op *ntxentOp[T]) run(g *autograd.Graph[T]) {
	op.slots = min(g.Pool().Threads(), op.tiles())
	op.scratch = g.Scratch(op.slots * ntxentScratch)
	g.Pool().Run(op, op.slots)
	op.dh, op.dl, op.scratch = nil, nil, nil
}

// Backward implements autograd.Op.
func (op *ntxentOp[T]) Backward(g *autograd.Graph[T]) {
	op.dh, op.dl = op.h.AccGrad(g), op.out.Grad()
	if op.dh != nil {
		op.run(g)
	}
}

// tiles returns the number of tiles of rows. A tile lies within one view of one group, so
// the partners of its rows are neighbours too.
func (op *ntxentOp[T]) tiles() int { return 2 * op.groups * op.tilesOfView() }

func (op *ntxentOp[T]) tilesOfView() int { return (op.n/2 + ntxentRows - 1) / ntxentRows }

// Chunk implements pool.Task: it computes the tiles of one slot.
func (op *ntxentOp[T]) Chunk(slot int) {
	scratch := op.scratch[slot*ntxentScratch : (slot+1)*ntxentScratch]
	for i := slot; i < op.tiles(); i += op.slots {
		view, tile := i/op.tilesOfView(), i%op.tilesOfView()
		group, half := view/2, view%2*(op.n/2)
		t := ntxentTile[T]{
			ntxentOp: op,
			lo:       half + tile*ntxentRows,
			hi:       half + min((tile+1)*ntxentRows, op.n/2),
			h:        op.h.Data()[group*op.n*op.channels:][:op.n*op.channels],
			near:     op.near[group*op.n:][:op.n],
			rest:     op.rest[group*op.n:][:op.n],
			loss:     op.out.Data()[group*op.n:][:op.n],
			block:    scratch[:ntxentRows*ntxentColumns],
			column:   scratch[ntxentRows*ntxentColumns:][:ntxentColumns],
			top:      scratch[(ntxentRows+1)*ntxentColumns:][:ntxentRows],
			sum:      scratch[(ntxentRows+1)*ntxentColumns+ntxentRows:][:ntxentRows],
		}
		if op.dh == nil {
			t.partners()
			t.forward()
		} else {
			t.dh = op.dh[group*op.n*op.channels:][:op.n*op.channels]
			t.dl = op.dl[group*op.n:][:op.n]
			t.backward()
		}
	}
}

// ntxentTile holds rows lo, ..., hi-1 of one group and all its columns.
type ntxentTile[T autograd.Float] struct {
	*ntxentOp[T]
	lo, hi           int
	h                []T // [n C]
	near, rest, loss []T // [n]
	dh, dl           []T // [n C], [n]

	block    []T // cosines, rows × columns
	column   []T
	top, sum []T // for each row: the largest exponent so far, and Σ exp(exponent - top)
}

// partner returns π(i).
func (t *ntxentTile[T]) partner(i int) int {
	if i < t.n/2 {
		return i + t.n/2
	}
	return i - t.n/2
}

func (t *ntxentTile[T]) rows(from int) simd.Operand[T] {
	return simd.Operand[T]{Data: t.h[from*t.channels:], Stride: t.channels}
}

// cosines sets block to the cosines of rows lo, ..., hi-1 with columns c0, ..., c0+cols-1.
func (t *ntxentTile[T]) cosines(c0, cols int) {
	columns := t.rows(c0)
	columns.Trans = true
	simd.Gemm(nil, t.block, cols, t.rows(t.lo), columns, t.hi-t.lo, cols, t.channels, simd.Epilogue[T]{})
}

// partners fills near from the diagonals of small products. Their elements are the same
// chains of fused multiply-adds as those of cosines, so a copy of the partner is exactly
// as near as the partner.
func (t *ntxentTile[T]) partners() {
	for lo := t.lo; lo < t.hi; lo += ntxentPairs {
		m := min(ntxentPairs, t.hi-lo)
		others := t.rows(t.partner(lo))
		others.Trans = true
		simd.Gemm(nil, t.block, m, t.rows(lo), others, m, m, t.channels, simd.Epilogue[T]{})
		for i := range m {
			t.near[lo+i] = t.block[i*m+i]
		}
	}
}

// exponents turns the cosines of row i into s_ij - s_iπ(i).
func (t *ntxentTile[T]) exponents(row []T, i int) {
	simd.AddScalar(row, row, -t.near[i])
	simd.Scale(row, row, t.invTau)
}

// mask sets the elements at columns i and π(i) of row i of the block, if it has them.
func (t *ntxentTile[T]) mask(row []T, c0, i int, self, partner T) {
	if j := i - c0; j >= 0 && j < len(row) {
		row[j] = self
	}
	if j := t.partner(i) - c0; j >= 0 && j < len(row) {
		row[j] = partner
	}
}

func (t *ntxentTile[T]) forward() {
	m := t.hi - t.lo
	none := T(math.Inf(-1))
	for r := range m {
		t.top[r], t.sum[r] = none, 0
	}
	for c0 := 0; c0 < t.n; c0 += ntxentColumns {
		cols := min(ntxentColumns, t.n-c0)
		t.cosines(c0, cols)
		for r := range m {
			row := t.block[r*cols:][:cols]
			t.exponents(row, t.lo+r)
			t.mask(row, c0, t.lo+r, none, none)
			top := simd.Max(row)
			if top == none {
				continue // nothing but the row and its partner
			}
			if top > t.top[r] {
				t.sum[r] *= exp(t.top[r] - top)
				t.top[r] = top
			}
			simd.AddScalar(row, row, -t.top[r])
			simd.Exp(row, row)
			t.sum[r] += simd.Sum(row)
		}
	}
	for r := range m {
		t.loss[t.lo+r], t.rest[t.lo+r] = log1pExp(t.top[r], t.sum[r])
	}
}

// log1pExp returns l = ln(1 + x) and x/(1+x) for x = sum·e^top.
func log1pExp[T autograd.Float](top, sum T) (l, part T) {
	if top <= 0 { // 1 is the larger term
		x := T(sum * exp(top)) // the conversion keeps 1+x from being fused
		return log1p(x), x / (1 + x)
	}
	one := exp(-top)
	return top + log(one+sum), sum / (one + sum)
}

func (t *ntxentTile[T]) backward() {
	m := t.hi - t.lo
	for c0 := 0; c0 < t.n; c0 += ntxentColumns {
		cols := min(ntxentColumns, t.n-c0)
		t.cosines(c0, cols)
		column := t.column[:cols]
		for r := range m {
			i, row := t.lo+r, t.block[r*cols:][:cols]
			// Row i in the softmax of the columns: g_j·p_ji.
			simd.Sub(column, row, t.near[c0:c0+cols])
			simd.Scale(column, column, t.invTau)
			simd.Sub(column, column, t.loss[c0:c0+cols])
			simd.Exp(column, column)
			simd.Mul(column, column, t.dl[c0:c0+cols])
			// The columns in the softmax of row i: g_i·p_ij.
			t.exponents(row, i)
			simd.AddScalar(row, row, -t.loss[i])
			simd.Exp(row, row)
			simd.Scale(row, row, t.dl[i])

			simd.Add(row, row, column)
			p := t.partner(i)
			t.mask(row, c0, i, 0, -(T(t.dl[i]*t.rest[i]) + T(t.dl[p]*t.rest[p])))
			simd.Scale(row, row, t.invTau)
		}
		weights := simd.Operand[T]{Data: t.block, Stride: cols}
		simd.Gemm(nil, t.dh[t.lo*t.channels:], t.channels, weights, t.rows(c0), m, t.channels, cols, simd.Epilogue[T]{Accumulate: true})
	}
}
