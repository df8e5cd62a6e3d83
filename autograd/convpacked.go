package autograd

import (
	"fmt"
	"sync"
	"sync/atomic"

	"anomem/simd"
)

// PackedConv is a convolution for inference, with weights that no longer change. On
// their second use they are packed or transformed, once. It records nothing. Any
// number of goroutines may use one, each with a graph of its own.
type PackedConv[T Float] struct {
	weight *Tensor[T] // [KH KW Cin Cout]
	bias   []T        // Cout, or nil
	conv   Conv

	// The form that an algorithm reads is made at its second use: which algorithms a
	// filter meets depends on the sizes of the maps, and a process that scores a single
	// image would spend half of its time on forms that are read once.
	met      [3]atomic.Bool // by algorithm
	once     [3]sync.Once   // by algorithm
	panels   simd.Operand[T]
	winograd [3]simd.WinogradFilter[T]
}

// PackConv returns the convolution with filters w [KH KW Cin Cout] and bias [Cout]
// (nil: none), as in Conv2D. It keeps both, which must not change afterwards.
func PackConv[T Float](w, bias *Tensor[T], c Conv) *PackedConv[T] {
	if w.shape.rank != 4 {
		panic(fmt.Sprintf("autograd: PackConv: filter of shape %v: want [KH KW Cin Cout]", w.shape))
	}
	f := &PackedConv[T]{weight: w, conv: c}
	if bias != nil {
		if bias.shape.rank != 1 || bias.shape.dims[0] != w.shape.dims[3] {
			panic(fmt.Sprintf("autograd: PackConv: filter of shape %v: bias of shape %v", w.shape, bias.shape))
		}
		f.bias = bias.data
	}
	return f
}

// Out returns the shape of the result for maps of shape x. It panics where Conv2D
// would.
func (f *PackedConv[T]) Out(x Shape) Shape {
	s := makeConvShape("PackedConv", x, f.weight.shape, f.conv)
	return MakeShape(s.n, s.oh, s.ow, s.cout)
}

// Into sets y [N OH OW Cout] to the convolution of x [N H W Cin] plus the bias. With
// add it also adds what y holds, such as the residual of a block computed in place;
// with relu it sets negative elements to zero.
//
//	y = relu(conv(x) + bias + y)
//
// The bits of an image's result depend neither on the level, nor on the number of
// threads, nor on the other images. It panics if a shape is wrong, or if the graph is
// recording and x needs a gradient. y must not overlap x.
func (f *PackedConv[T]) Into(g *Graph[T], y, x *Tensor[T], add, relu bool) {
	s := makeConvShape("PackedConv", x.shape, f.weight.shape, f.conv)
	if want := MakeShape(s.n, s.oh, s.ow, s.cout); y.shape != want {
		panic(fmt.Sprintf("autograd: PackedConv: result of shape %v: want %v", y.shape, want))
	}
	if x.needs && !g.off {
		panic("autograd: PackedConv: the input needs a gradient, which a packed convolution does not pass on")
	}
	ep := simd.Epilogue[T]{Accumulate: add, Bias: f.bias, ReLU: relu}
	switch a := g.inference(&s); {
	case a != Direct:
		simd.Winograd(g.pool, y.data, x.data, f.transformed(&s, a), s.winograd(a), ep)
	case s.pointwise():
		rows := simd.Operand[T]{Data: x.data, Stride: s.cin}
		simd.Gemm(g.pool, y.data, s.cout, rows, f.packed(&s), s.n*s.h*s.w, s.cout, s.cin, ep)
	default:
		m := g.mark()
		op := convOp[T]{x: x, s: s}
		taps, source := op.outputTaps(g)
		tapProduct(g, &taps, y.data, source, f.packed(&s), s.n, s.cout, ep)
		g.release(m)
	}
}

// packed returns the filter for the direct sum.
func (f *PackedConv[T]) packed(s *convShape) simd.Operand[T] {
	if !f.met[Direct].Swap(true) {
		return simd.Operand[T]{Data: f.weight.data, Stride: s.cout}
	}
	f.once[Direct].Do(func() {
		taps, k := s.kh*s.kw, s.cin
		if s.merged() {
			taps, k = s.kh, s.kw*s.cin
		}
		f.panels = simd.Prepack(simd.Operand[T]{Data: f.weight.data, Stride: s.cout}, s.cout, k, taps)
	})
	return f.panels
}

// transformed returns the filter for Winograd's algorithm a.
func (f *PackedConv[T]) transformed(s *convShape, a ConvAlgorithm) simd.WinogradFilter[T] {
	if !f.met[a].Swap(true) {
		return simd.WinogradFilter[T]{Data: f.weight.data}
	}
	f.once[a].Do(func() {
		f.winograd[a] = simd.PrepackWinograd(simd.WinogradFilter[T]{Data: f.weight.data}, s.winograd(a))
	})
	return f.winograd[a]
}
