package simd

import (
	"fmt"
	"math"

	"anomem/simd/pool"
)

// WinogradWeights computes dw, [3 3 Cin Cout], the gradient of the filter of the
// convolution s, or with accumulate adds it to dw:
//
//	dw[i, j, c, o] = Σ_{n, p, q} x[n, p+i-Pad, q+j-Pad, c]·dy[n, p, q, o],   x = 0 outside
//
// where x is [N H W Cin] and dy [N OH OW Cout], the gradient of the output. It is the
// transpose of [Winograd] with respect to the filter, with the same matrices. The sum
// runs over the Tile×Tile squares of dy, which is 0 outside the output:
//
//	dw = Gᵀ·[Σ (Bᵀ·x·B) ⊙ (A·dy·Aᵀ)]·G
//
// The sum is taken in segments of as many images as needed for 256 squares, or for
// fewer squares above 512 channels in all. A segment is a chain of fused multiply-adds
// from +0, in increasing (n, row, column) of the squares. Each segment is transformed
// back and then added to dw, in order; without accumulate, the first is stored.
//
// The bits depend on the shape alone, not on the level or the number of threads of
// p. They differ from those of the direct sum, and a NaN or an infinity spreads to
// the nine taps of its channels. The error of an element is at most
//
//	γ·(|dw₀| + |Gᵀ|·[Σ (|Bᵀ|·|x|·|B|) ⊙ (|A|·|dy|·|Aᵀ|)]·|G|),   γ = nε/(1-nε), ε = 2⁻²⁴,
//
// unless something overflows or underflows; dw₀ is what dw held, if it accumulates. n
// counts the roundings of a term: the squares of a segment in the chain, the segments,
// and in each dimension 1 + 1 + 2 for x, dy and dw with F(2×2), 2 + 2 + 4 with F(4×4)
// (one of the four is the rounding of G), which makes 8 and 16. A test evaluates the
// bound. For normal random x and dy the root mean square error relative to that of dw
// is, after 2 and 9 images of 32² positions, 5e-7 and 6e-7 for F(2×2), 9e-7 and 1.5e-6
// for F(4×4), and 8e-7 and 1.2e-6 for the direct sum in segments of 4096 positions.
//
// For float64 it is the direct sum.
//
// It panics where a slice is too short for its shape, or no such convolution exists.
// dw must not overlap x or dy.
func WinogradWeights[T Float](p *pool.Pool, dw, x, dy []T, s WinogradShape, accumulate bool) {
	s.check(len(x))
	oh, ow := s.Out()
	positions := area("WinogradWeights", s.N, area("WinogradWeights", oh, ow))
	if len(dy) < area("WinogradWeights", positions, s.Cout) || area("WinogradWeights", area("WinogradWeights", oh, ow), s.Cout) > math.MaxInt32 {
		panic(fmt.Sprintf("simd: WinogradWeights: %d images of %d×%d×%d in a gradient of %d elements", s.N, oh, ow, s.Cout, len(dy)))
	}
	size := area("WinogradWeights", 9, area("WinogradWeights", s.Cin, s.Cout))
	if len(dw) < size {
		panic(fmt.Sprintf("simd: WinogradWeights: 9 taps of %d×%d channels in a gradient of %d elements", s.Cin, s.Cout, len(dw)))
	}
	dw = dw[:size]
	if s.N == 0 && !accumulate {
		clear(dw)
	}
	if s.N == 0 || size == 0 {
		return
	}
	if is32[T]() {
		winogradWeights32(p, as32(dw), as32(x), as32(dy), s, accumulate)
		return
	}
	winogradWeightsPlain(p, dw, x, dy, s, accumulate)
}

// weightSegment returns the number of images that WinogradWeights sums before it
// transforms back: enough for 256 squares, or for fewer if there are many channels,
// whose squares take more memory. It depends on the size of an image, not on N.
func (s WinogradShape) weightSegment() int {
	oh, ow := s.Out()
	squares := min(256, max(32, (1<<17)/max(1, s.Cin+s.Cout)))
	return ceilDiv(squares, ceilDiv(oh, s.Tile)*ceilDiv(ow, s.Tile))
}
