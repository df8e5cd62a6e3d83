package autograd

import (
	"fmt"
	"unsafe"

	"anomem/simd"
)

// ConvAlgorithm is a way to compute a convolution.
type ConvAlgorithm uint8

const (
	// Direct adds up the terms of the convolution's definition, in their order.
	Direct ConvAlgorithm = iota
	// Winograd2 is F(2×2, 3×3) of simd.Winograd.
	Winograd2
	// Winograd4 is F(4×4, 3×3) of simd.Winograd.
	Winograd4
)

// String returns "direct", "F(2x2)" or "F(4x4)".
func (a ConvAlgorithm) String() string {
	switch a {
	case Direct:
		return "direct"
	case Winograd2:
		return "F(2x2)"
	case Winograd4:
		return "F(4x4)"
	}
	return fmt.Sprintf("ConvAlgorithm(%d)", uint8(a))
}

// ConvAlgorithms is how the passes of a convolution are computed.
type ConvAlgorithms struct{ Forward, Data, Weights ConvAlgorithm }

// Algorithms returns the algorithms by which Conv2D computes in float32, on a graph
// that is not exact, for a filter w [KH KW Cin Cout] on a map x [N H W Cin]. The
// forward pass reads Cin channels and makes a map of OH×OW; the backward pass by data
// reads Cout channels and makes H×W; the backward pass by weights reads a map of OH×OW
// and both numbers of channels, and the smaller one counts.
//
//	filter  stride  padding         channels read  map made               algorithm
//	3×3     1       0-2, all alike  8 and more     3×3, 4×4, 7×7 and up   F(4×4)
//	                                               2×2, 5×5, 6×6          F(2×2)
//	                                               1×n, n×1               direct
//	                                fewer          any                    direct
//	other                                                                 direct
//
// The choice follows from a count of multiplications: 9 for each position of the map
// directly, 16 for each 2×2 square that covers some of it, 36 for each 4×4 square. The
// smallest number wins, and the smaller squares where two are equal; direct wins
// unless a third is saved. The same holds for maps that are not square. The number of
// images, the CPU and the number of threads have no influence, since bits depend on
// the choice. Winograd's transforms pay from 8 channels on: at 32×32 with AVX2 it was
// measured to be 0.7-0.9 times as fast as direct for 3 or 4 channels, 1.3 for 12, 1.9
// to 2.6 for 8 and 16.
//
// Algorithms panics where Conv2D would.
func (c Conv) Algorithms(x, w Shape) ConvAlgorithms {
	s := makeConvShape("Conv.Algorithms", x, w, c)
	return s.algorithms()
}

func (s *convShape) algorithms() ConvAlgorithms {
	if s.kh != 3 || s.kw != 3 || s.StrideH != 1 || s.StrideW != 1 || s.PadH != s.PadW || s.PadH > 2 {
		return ConvAlgorithms{}
	}
	return ConvAlgorithms{
		Forward: winogradFor(s.cin, s.oh, s.ow),
		Data:    winogradFor(s.cout, s.h, s.w),
		Weights: winogradFor(min(s.cin, s.cout), s.oh, s.ow),
	}
}

// winogradFor returns the algorithm for a 3×3 filter that reads so many channels and
// makes a map of h×w.
func winogradFor(channels, h, w int) ConvAlgorithm {
	const least = 8
	squares := func(side int) int { return (h + side - 1) / side * ((w + side - 1) / side) }
	direct, two, four := 9*h*w, 16*squares(2), 36*squares(4)
	switch {
	case channels < least || 3*min(two, four) > 2*direct:
		return Direct
	case two <= four:
		return Winograd2
	}
	return Winograd4
}

// SetExact(true) makes later convolutions direct, whatever Conv.Algorithms says. They
// then take two to three times as long where that is Winograd; the error is the
// direct sum's, and a NaN or an infinity reaches only the elements whose sum has one.
// A new graph is not exact.
func (g *Graph[T]) SetExact(on bool) { g.exact = on }

// algorithms returns the algorithms of a convolution on this graph. float64, which
// results are compared with, is always direct.
func (g *Graph[T]) algorithms(s *convShape) ConvAlgorithms {
	var t T
	if g.exact || unsafe.Sizeof(t) != 4 {
		return ConvAlgorithms{}
	}
	return s.algorithms()
}

// inference returns the algorithm of a PackedConv on this graph: that of training,
// except that maps of up to 7×7 with many channels, such as 512 to 512, use F(2×2).
// F(4×4) has one to four tiles of such a map for 38 MB of transformed weights, against
// 17 MB, so that a single image waits for memory: ResNet-18 on 4×4 maps then takes 1.4
// times as long. A batch of 64 loses 7 % of its speed by F(2×2).
func (g *Graph[T]) inference(s *convShape) ConvAlgorithm {
	a := g.algorithms(s).Forward
	if a == Winograd4 && s.cin*s.cout >= 1<<18 && s.oh*s.ow <= 49 {
		return Winograd2
	}
	return a
}

// winograd returns the shape of the forward pass by Winograd's algorithm a.
func (s *convShape) winograd(a ConvAlgorithm) simd.WinogradShape {
	tile := 2
	if a == Winograd4 {
		tile = 4
	}
	return simd.WinogradShape{N: s.n, H: s.h, W: s.w, Cin: s.cin, Cout: s.cout, Pad: s.PadH, Tile: tile}
}
