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

// Algorithms returns which algorithms serve Conv2D in float32, on a graph that is not
// exact, for a filter w [KH KW Cin Cout] on a map x [N H W Cin]. Forward reads Cin
// channels and makes a map of OH×OW; backward by data reads Cout and makes H×W;
// backward by weights reads a map of OH×OW and both, of which the fewer count.
//
//	filter  stride  padding         channels read  map made               algorithm
//	3×3     1       0-2, all alike  8 and more     3×3, 4×4, 7×7 and up   F(4×4)
//	                                               2×2, 5×5, 6×6          F(2×2)
//	                                               1×n, n×1               direct
//	                                fewer          any                    direct
//	other                                                                 direct
//
// The maps follow from a count of multiplications: 9 for each position of the map
// directly, 16 for each 2×2 square that covers some of it, 36 for each 4×4. The
// smallest number wins, the smaller squares where they are equal, and direct unless a
// third is saved: that is so for maps that are not square, too. It is so whatever the
// number of images, the CPU and the number of threads, since bits depend on it. The
// channels are where Winograd's transforms pay: measured at 32×32 with AVX2, it is
// 0.7-0.9 times as fast as direct for 3 or 4 channels, 1.3 for 12, 1.9 to 2.6 for 8
// and 16.
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

// winogradFor is the algorithm for a 3×3 filter and so many channels, where the map cut
// into squares is of h×w.
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

// SetExact makes the convolutions that follow sum the terms of their definition,
// with on, whatever Conv.Algorithms says: two to three times as slow where
// that is Winograd, with the smaller error of the direct sum, and with no NaN or
// infinity beyond the elements whose sum has one. A new graph is not exact.
func (g *Graph[T]) SetExact(on bool) { g.exact = on }

// algorithms is what serves a convolution on this graph. float64 is there to be
// compared with: it is always direct.
func (g *Graph[T]) algorithms(s *convShape) ConvAlgorithms {
	var t T
	if g.exact || unsafe.Sizeof(t) != 4 {
		return ConvAlgorithms{}
	}
	return s.algorithms()
}

// inference is what serves a PackedConv on this graph: what training has, but for maps
// of up to 7×7 from 512 channels to 512 and the like. F(4×4) has one to four tiles of
// such a map for 38 MB of transformed weights, and a single image waits for memory: on
// 4×4 it then takes 1.4 times as long as F(2×2), with 17 MB, does, in the whole of
// ResNet-18. A batch of 64 loses 7 % of its speed by that.
func (g *Graph[T]) inference(s *convShape) ConvAlgorithm {
	a := g.algorithms(s).Forward
	if a == Winograd4 && s.cin*s.cout >= 1<<18 && s.oh*s.ow <= 49 {
		return Winograd2
	}
	return a
}

// winograd is the shape of the forward pass by Winograd's algorithm a.
func (s *convShape) winograd(a ConvAlgorithm) simd.WinogradShape {
	tile := 2
	if a == Winograd4 {
		tile = 4
	}
	return simd.WinogradShape{N: s.n, H: s.h, W: s.w, Cin: s.cin, Cout: s.cout, Pad: s.PadH, Tile: tile}
}
