package autograd

import (
	"fmt"

	"anomem/simd"
)

// Conv is how a filter moves over a map: in steps of Stride (0 counts as 1), over
// the map and Pad zeros on each side of it.
type Conv struct{ StrideH, StrideW, PadH, PadW int }

// Conv2D returns the cross-correlation of x [N H W Cin] with the filters w
// [KH KW Cin Cout], plus bias [Cout] unless it is nil: [N OH OW Cout] with
// OH = ⌊(H + 2·PadH - KH)/StrideH⌋ + 1, and OW likewise.
//
//	y[n, p, q, o]  = Σ_{kh, kw, c} x[n, i, j, c]·w[kh, kw, c, o] + b[o],
//	                 i = p·StrideH + kh - PadH, j = q·StrideW + kw - PadW, x = 0 outside
//	dx[n, i, j, c] += Σ_{kh, kw, o} dy[n, p, q, o]·w[kh, kw, c, o]
//	dw[kh, kw, c, o] += Σ_{n, p, q} x[n, i, j, c]·dy[n, p, q, o]
//	db[o] += Σ_{n, p, q} dy[n, p, q, o]
//
// Each element is one chain of fused multiply-adds in the order of the sum's
// indices, zeros outside included, that starts from zero for y and from what is
// there for dx and dw; the bias is added last. db is summed as by Sum.
func (g *Graph[T]) Conv2D(x, w, bias *Tensor[T], c Conv) *Tensor[T] {
	s := makeConvShape(x.shape, w.shape, c)
	if bias != nil && (bias.shape.rank != 1 || bias.shape.dims[0] != s.cout) {
		panic(fmt.Sprintf("autograd: Conv2D: shapes %v and %v: bias of shape %v", x.shape, w.shape, bias.shape))
	}
	op := NewOp[convOp[T]](g)
	*op = convOp[T]{x, w, bias, g.NewTensor(s.n, s.oh, s.ow, s.cout), s}
	op.forward(g)
	g.Record(op.y, op, x, w, bias)
	return op.y
}

type convOp[T Float] struct {
	x, w, bias, y *Tensor[T]
	s             convShape
}

// convShape holds the dimensions of a convolution.
type convShape struct {
	n, h, w, cin, kh, kw, cout, oh, ow int

	Conv
}

func makeConvShape(x, w Shape, c Conv) convShape {
	fail := func(why string) {
		panic(fmt.Sprintf("autograd: Conv2D: shapes %v and %v: %s", x, w, why))
	}
	if x.rank != 4 || w.rank != 4 {
		fail("want [N H W Cin] and [KH KW Cin Cout]")
	}
	if c.StrideH == 0 {
		c.StrideH = 1
	}
	if c.StrideW == 0 {
		c.StrideW = 1
	}
	s := convShape{
		n: x.dims[0], h: x.dims[1], w: x.dims[2], cin: x.dims[3],
		kh: w.dims[0], kw: w.dims[1], cout: w.dims[3], Conv: c,
	}
	switch {
	case w.dims[2] != s.cin:
		fail("numbers of input channels differ")
	case s.kh < 1 || s.kw < 1:
		fail("empty filter")
	case c.StrideH < 0 || c.StrideW < 0 || c.PadH < 0 || c.PadW < 0:
		fail("negative stride or padding")
	case s.h+2*c.PadH < s.kh || s.w+2*c.PadW < s.kw:
		fail("filter larger than the padded map")
	}
	s.oh = (s.h+2*c.PadH-s.kh)/c.StrideH + 1
	s.ow = (s.w+2*c.PadW-s.kw)/c.StrideW + 1
	return s
}

// pointwise reports that the rows of x are those of the product as they stand.
func (s *convShape) pointwise() bool {
	return s.kh == 1 && s.kw == 1 && s.Conv == Conv{StrideH: 1, StrideW: 1}
}

func (op *convOp[T]) forward(g *Graph[T]) {
	s := &op.s
	weights := simd.Operand[T]{Data: op.w.data, Stride: s.cout}
	var ep simd.Epilogue[T]
	if op.bias != nil {
		ep.Bias = op.bias.data
	}
	if s.pointwise() {
		x := simd.Operand[T]{Data: op.x.data, Stride: s.cin}
		simd.Gemm(g.pool, op.y.data, s.cout, x, weights, s.n*s.h*s.w, s.cout, s.cin, ep)
		return
	}
	m := g.mark()
	taps := g.outputTaps(s)
	tapProduct(g, &taps, op.y.data, op.x.data, weights, s.n, s.cout, ep)
	g.release(m)
}

func (op *convOp[T]) Backward(g *Graph[T]) {
	dx, dw := op.x.AccGrad(g), op.w.AccGrad(g)
	if dx != nil {
		op.backwardData(g, dx)
	}
	if dw != nil {
		op.backwardWeights(g, dw)
	}
	if op.bias != nil {
		if db := op.bias.AccGrad(g); db != nil {
			g.collapse(db, op.y.grad, op.y.shape, leadingAxes(3), true)
		}
	}
}

// backwardData is a convolution too: of dy with each tap's weights transposed.
func (op *convOp[T]) backwardData(g *Graph[T], dx []T) {
	s := &op.s
	add := simd.Epilogue[T]{Accumulate: true}
	if s.pointwise() {
		dy := simd.Operand[T]{Data: op.y.grad, Stride: s.cout}
		weights := simd.Operand[T]{Data: op.w.data, Stride: s.cout, Trans: true}
		simd.Gemm(g.pool, dx, s.cin, dy, weights, s.n*s.h*s.w, s.cin, s.cout, add)
		return
	}
	m := g.mark()
	flipped, size := g.floats.take(len(op.w.data)), s.cin*s.cout
	for i := 0; i < len(flipped); i += size {
		simd.Transpose(flipped[i:i+size], op.w.data[i:i+size], s.cin, s.cout)
	}
	taps := g.inputTaps(s)
	tapProduct(g, &taps, dx, op.y.grad, simd.Operand[T]{Data: flipped, Stride: s.cin}, s.n, s.cin, add)
	g.release(m)
}

// convBand is how many elements of x, copied row by row, the product for dw works
// on at a time.
const convBand = 1 << 17

// backwardWeights is the product of x's rows, as the filter sees them, transposed,
// with dy. Where they are not x's own they are copied, a band at a time.
func (op *convOp[T]) backwardWeights(g *Graph[T], dw []T) {
	s := &op.s
	add := simd.Epilogue[T]{Accumulate: true}
	rows, cols := s.n*s.oh*s.ow, s.kh*s.kw*s.cin
	if s.pointwise() {
		x := simd.Operand[T]{Data: op.x.data, Stride: s.cin, Trans: true}
		dy := simd.Operand[T]{Data: op.y.grad, Stride: s.cout}
		simd.Gemm(g.pool, dw, s.cout, x, dy, cols, s.cout, rows, add)
		return
	}
	m := g.mark()
	band := NewOp[bandTask[T]](g)
	*band = bandTask[T]{x: op.x.data, taps: g.outputTaps(s)}
	size := min(max(1, convBand/max(1, cols)), rows)
	band.rows = g.floats.take(size * cols)
	for r := 0; r < rows; r += size {
		n := min(size, rows-r)
		band.first = r
		g.forward(band, n, cols)
		x := simd.Operand[T]{Data: band.rows, Stride: cols, Trans: true}
		dy := simd.Operand[T]{Data: op.y.grad[r*s.cout:], Stride: s.cout}
		simd.Gemm(g.pool, dw, s.cout, x, dy, cols, s.cout, n, add)
	}
	g.release(m)
}
