package autograd

import "anomem/simd"

// backwardData adds to dx or, if that is fresh, stores there. dx is a convolution of dy
// with each tap's weights transposed. A stride cuts the positions of x into phases,
// each of which meets its own taps.
func (op *convOp[T]) backwardData(g *Graph[T], dx []T, fresh bool) {
	s := &op.s
	ep := simd.Epilogue[T]{Accumulate: !fresh}
	if s.pointwise() {
		dy := simd.Operand[T]{Data: op.y.grad, Stride: s.cout}
		weights := simd.Operand[T]{Data: op.w.data, Stride: s.cout, Trans: true}
		simd.Gemm(g.pool, dx, s.cin, dy, weights, s.n*s.h*s.w, s.cin, s.cout, ep)
		return
	}
	if a := op.algorithms.Data; a != Direct {
		turned := simd.WinogradFilter[T]{Data: op.w.data, Turned: true}
		simd.Winograd(g.pool, dx, op.y.grad, turned, s.winograd(a).Backward(), ep)
		return
	}
	if fresh && s.skips() {
		clear(dx)
		ep.Accumulate = true
	}
	for i := range min(s.StrideH, s.h) {
		for j := range min(s.StrideW, s.w) {
			op.backwardPhase(g, dx, convPhase{
				tapPhase{i, s.StrideH, s.PadH, s.kh, s.h, s.oh},
				tapPhase{j, s.StrideW, s.PadW, s.kw, s.w, s.ow},
			}, ep)
		}
	}
}

// convPhase is the positions (i, j) of x with the same remainders by the strides.
type convPhase struct{ h, w tapPhase }

// tapPhase is one axis of a phase: the positions first, first+stride, ... of size.
type tapPhase struct{ first, stride, pad, taps, size, out int }

// positions returns the number of positions of the phase.
func (p *tapPhase) positions() int { return (p.size - p.first + p.stride - 1) / p.stride }

// meets reports whether tap k of the filter meets the phase.
func (p *tapPhase) meets(k int) bool { return (p.first+p.pad-k)%p.stride == 0 }

// source returns the position of y that position i of the phase meets at tap k, or -1
// outside.
func (p *tapPhase) source(i, k int) int {
	o := (p.first + i*p.stride + p.pad - k) / p.stride // exact: meets(k)
	if uint(o) < uint(p.out) {
		return o
	}
	return -1
}

// met returns the number of taps that meet the phase.
func (p *tapPhase) met() int {
	n := 0
	for k := range p.taps {
		if p.meets(k) {
			n++
		}
	}
	return n
}

// skips reports whether a phase may meet no tap.
func (s *convShape) skips() bool { return s.kh < s.StrideH || s.kw < s.StrideW }

func (op *convOp[T]) backwardPhase(g *Graph[T], dx []T, p convPhase, ep simd.Epilogue[T]) {
	s := &op.s
	taps := p.h.met() * p.w.met()
	if taps == 0 {
		return
	}
	m := g.mark()
	defer g.release(m)
	size := s.cin * s.cout
	weights := g.floats.take(taps * size)
	at := 0
	for kh := range s.kh {
		for kw := range s.kw {
			if p.h.meets(kh) && p.w.meets(kw) {
				tap := op.w.data[(kh*s.kw+kw)*size:][:size]
				simd.Transpose(weights[at:at+size], tap, s.cin, s.cout)
				at += size
			}
		}
	}
	rows, cols := p.h.positions(), p.w.positions()
	t := g.newTaps(s.n, rows*cols, taps, s.oh*s.ow*s.cout, s.cout)
	if rows*s.StrideH != s.h {
		t.images = 1 // the next image's rows are not one stride further on
	}
	p.table(&t, s.ow, s.cout)
	t.repeat()
	first := (p.h.first*s.w + p.w.first) * s.cin
	table := simd.RowTable{Off: t.off, Taps: taps, Run: cols, RunStride: s.StrideH * s.w * s.cin}
	b := simd.Operand[T]{Data: weights, Stride: s.cin}
	for i := 0; i < s.n; i += t.images {
		n := min(t.images, s.n-i)
		simd.GatherGemm(g.pool, dx[i*s.h*s.w*s.cin+first:], s.StrideW*s.cin, op.y.grad[i*t.size:], table, b,
			n*rows*cols, s.cin, s.cout, ep)
	}
}

// table writes the offsets of the vectors of y that each position of the phase meets.
func (p *convPhase) table(t *convTaps, ow, channels int) {
	at := 0
	for i := range p.h.positions() {
		for j := range p.w.positions() {
			for kh := range p.h.taps {
				if !p.h.meets(kh) {
					continue
				}
				y := p.h.source(i, kh)
				for kw := range p.w.taps {
					if !p.w.meets(kw) {
						continue
					}
					t.off[at] = -1
					if x := p.w.source(j, kw); x >= 0 && y >= 0 {
						t.off[at] = int32((y*ow + x) * channels)
					}
					at++
				}
			}
		}
	}
}
