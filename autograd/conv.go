package autograd

import (
	"fmt"

	"anomem/simd"
)

// Conv says how a filter moves over a map: in steps of Stride (0 counts as 1), over
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
// Conv.Algorithms says how y, dx and dw are computed in float32: directly, which SetExact
// asks for everywhere and float64 always does, or by Winograd's algorithm.
//
// Directly, each element of y is one chain of fused multiply-adds from zero, in the
// order of the sum's indices, zeros outside x included; the bias is added last. An
// element of dx is such a chain that starts from the gradient so far; it includes
// zeros outside y, but not the taps that a stride passes over. A chain of K terms errs
// by at most γ(K) times the sum of the terms' magnitudes, γ(n) = nε/(1-nε), ε = 2⁻²⁴.
//
// By Winograd's algorithm, squares of y are Aᵀ·[Σ_c (G·w·Gᵀ) ⊙ (Bᵀ·x·B)]·A. Squares of
// dx are the same of dy and of w rotated by 180°, each tap transposed; the finished sum
// is added to the gradient so far. simd.Winograd states the bound of the error; a NaN
// or an infinity reaches the whole square. The root mean square error is about 0.7
// times that of the direct sum for F(2×2), and twice it for F(4×4).
//
// dw is summed in segments of images: a chain's rounding errors grow with its length,
// and segments can be summed at the same time. Directly, a segment has
// ⌈4096/(OH·OW)⌉ images and is a chain from zero; segments are added to the gradient
// so far in order. By Winograd's algorithm, a segment is
// Gᵀ·[Σ (Bᵀ·x·B) ⊙ (A·dy·Aᵀ)]·G; simd.WinogradWeights states its length and the bound
// of its error. db is summed as by Sum.
//
// It panics unless the shapes fit, the filter fits into the padded map, and an image
// of x and of y each has fewer than 2³¹ elements.
func (g *Graph[T]) Conv2D(x, w, bias *Tensor[T], c Conv) *Tensor[T] {
	s := makeConvShape("Conv2D", x.shape, w.shape, c)
	if bias != nil && (bias.shape.rank != 1 || bias.shape.dims[0] != s.cout) {
		panic(fmt.Sprintf("autograd: Conv2D: shapes %v and %v: bias of shape %v", x.shape, w.shape, bias.shape))
	}
	op := NewOp[convOp[T]](g)
	*op = convOp[T]{x, w, bias, g.NewTensor(s.n, s.oh, s.ow, s.cout), s, g.algorithms(&s)}
	var ep simd.Epilogue[T]
	if bias != nil {
		ep.Bias = bias.data
	}
	op.forward(g, ep)
	g.Record(op.y, op, x, w, bias)
	return op.y
}

type convOp[T Float] struct {
	x, w, bias, y *Tensor[T]
	s             convShape
	algorithms    ConvAlgorithms
}

// convShape holds the dimensions of a convolution.
type convShape struct {
	n, h, w, cin, kh, kw, cout, oh, ow int

	Conv
}

func makeConvShape(op string, x, w Shape, c Conv) convShape {
	fail := func(why string) {
		panic(fmt.Sprintf("autograd: %s: shapes %v and %v: %s", op, x, w, why))
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
	if !indexable(s.h, s.w, s.cin) || !indexable(s.oh, s.ow, s.cout) {
		fail("an image has 2^31 elements or more")
	}
	return s
}

// pointwise reports whether the convolution is a product of x's rows as they are
// stored: a 1×1 filter without stride and padding.
func (s *convShape) pointwise() bool {
	return s.kh == 1 && s.kw == 1 && s.Conv == Conv{StrideH: 1, StrideW: 1}
}

func (op *convOp[T]) forward(g *Graph[T], ep simd.Epilogue[T]) {
	s := &op.s
	weights := simd.Operand[T]{Data: op.w.data, Stride: s.cout}
	if s.pointwise() {
		x := simd.Operand[T]{Data: op.x.data, Stride: s.cin}
		simd.Gemm(g.pool, op.y.data, s.cout, x, weights, s.n*s.h*s.w, s.cout, s.cin, ep)
		return
	}
	if a := op.algorithms.Forward; a != Direct {
		simd.Winograd(g.pool, op.y.data, op.x.data, simd.WinogradFilter[T]{Data: op.w.data}, s.winograd(a), ep)
		return
	}
	m := g.mark()
	taps, x := op.outputTaps(g)
	tapProduct(g, &taps, op.y.data, x, weights, s.n, s.cout, ep)
	g.release(m)
}

func (op *convOp[T]) reads(t *Tensor[T]) bool {
	return t == op.x && op.w.needs || t == op.w && op.x.needs
}

func (op *convOp[T]) Backward(g *Graph[T]) {
	dx, fresh := op.x.gradFor(g)
	dw := op.w.AccGrad(g)
	if dx != nil {
		op.backwardData(g, dx, fresh)
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
