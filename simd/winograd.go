package simd

import (
	"fmt"
	"math"

	"anomem/simd/pool"
)

// WinogradShape describes a convolution by 3×3 filters in steps of 1, and the algorithm
// for it: F(Tile×Tile, 3×3).
//
// The input is [N H W Cin], the output [N OH OW Cout] with OH = H + 2·Pad - 2 and
// OW likewise. Pad, from 0 to 2, is the number of zeros around the input.
type WinogradShape struct {
	N, H, W, Cin, Cout int

	Pad  int
	Tile int // 2 or 4: the side of the squares of output that are computed at once
}

// Out returns the height and width of the output.
func (s WinogradShape) Out() (oh, ow int) { return s.H + 2*s.Pad - 2, s.W + 2*s.Pad - 2 }

// Backward returns the shape of the convolution that maps the gradient with respect to
// the output to the gradient with respect to the input. Its filter is Turned.
func (s WinogradShape) Backward() WinogradShape {
	oh, ow := s.Out()
	return WinogradShape{s.N, oh, ow, s.Cout, s.Cin, 2 - s.Pad, s.Tile}
}

// WinogradFilter is the filter of a convolution.
type WinogradFilter[T Float] struct {
	// Data is [3 3 Cin Cout]. With Turned it is [3 3 Cout Cin], and the filter is its
	// taps in reverse order, each transposed: a convolution's own weights then serve
	// the backward pass by data.
	Data   []T
	Turned bool

	packed *winogradPanels // see PrepackWinograd
}

// Winograd computes y, [N OH OW Cout], as the cross-correlation of x, [N H W Cin],
// with a filter, followed by the epilogue, whose rows are the positions of y:
//
//	y[n, p, q, o] = Σ_{i, j, c} x[n, p+i-Pad, q+j-Pad, c]·w[i, j, c, o],   x = 0 outside
//
// by Winograd's algorithm: each Tile×Tile square of y is
//
//	Aᵀ·[Σ_c (G·w·Gᵀ) ⊙ (Bᵀ·x·B)]·A
//
// The sum is a chain of fused multiply-adds in increasing c from +0;
// winograd_transforms.go specifies the transforms. If the epilogue accumulates, y is
// added to the finished sum. F(2×2) has 2.25 times and F(4×4) 4 times fewer
// multiplications than the direct sum.
//
// The bits of an image's result depend neither on the level, nor on the number of
// threads of p, nor on the other images. They differ from those of the direct sum,
// and a NaN or an infinity spreads to the whole square. With K = Cin and |·| taken
// element by element, the error of an element is at most
//
//	γ·Σ_c |Aᵀ|·[(|G|·|w|·|Gᵀ|) ⊙ (|Bᵀ|·|x|·|B|)]·|A|,   γ = nε/(1-nε), ε = 2⁻²⁴,
//
// unless something overflows or underflows. n counts the roundings of a term: K in the
// chain, and in each dimension 1 + 2 + 2 for x, w and y with F(2×2), 2 + 4 + 3 with
// F(4×4) (one of the four is the rounding of G), so n = K + 10 and K + 18. A test
// evaluates the bound. For normal random x and w the root mean square error relative
// to that of y is, at 64 and 512 channels, 2.6e-7 and 7e-7 for F(2×2), 8e-7 and 2.1e-6
// for F(4×4), and 4.1e-7 and 1.2e-6 for the direct sum; the largest of some thousand
// errors is up to ten times as large.
//
// For float64 it is the direct sum.
//
// It panics where a slice is too short for its shape, or no such convolution exists.
// y must not overlap the other operands, except for the residual if it is y itself.
func Winograd[T Float](p *pool.Pool, y, x []T, f WinogradFilter[T], s WinogradShape, ep Epilogue[T]) {
	s.check(len(x))
	checkWinogradFilter("Winograd", f, s)
	oh, ow := s.Out()
	checkProduct("Winograd", y, s.Cout, Operand[T]{}, area("Winograd", s.N, area("Winograd", oh, ow)), s.Cout, 0, &ep)
	if s.N == 0 || s.Cout == 0 {
		return
	}
	if is32[T]() {
		winograd32(p, as32(y), as32(x), winogradFilter32(f), s, epilogue32(ep))
		return
	}
	winogradPlain(p, y, x, f, s, ep)
}

func (s WinogradShape) check(x int) {
	oh, ow := s.Out()
	if s.Tile != 2 && s.Tile != 4 || min(s.N, s.Cin, s.Cout) < 0 || min(s.H, s.W, oh, ow) < 1 || s.Pad < 0 || s.Pad > 2 {
		panic(fmt.Sprintf("simd: Winograd: no convolution %+v", s))
	}
	image := area("Winograd", area("Winograd", s.H, s.W), s.Cin)
	if image > math.MaxInt32 {
		panic(fmt.Sprintf("simd: Winograd: images of %d×%d×%d are too large", s.H, s.W, s.Cin))
	}
	if x < area("Winograd", s.N, image) {
		panic(fmt.Sprintf("simd: Winograd: %d images of %d×%d×%d in an input of %d elements", s.N, s.H, s.W, s.Cin, x))
	}
}

func checkWinogradFilter[T Float](op string, f WinogradFilter[T], s WinogradShape) {
	if len(f.Data) < area(op, 9, area(op, s.Cin, s.Cout)) {
		panic(fmt.Sprintf("simd: %s: 9 taps of %d×%d channels in a filter of %d elements", op, s.Cin, s.Cout, len(f.Data)))
	}
}

func winogradFilter32[T Float](f WinogradFilter[T]) WinogradFilter[float32] {
	return WinogradFilter[float32]{as32(f.Data), f.Turned, f.packed}
}

// winogradPanels is a transformed filter: for each panel of nr output channels, and in
// it for each plane of the transform, Cin rows of nr. Planes are uPlane apart.
type winogradPanels struct {
	nr, cin, cout, tile int

	data []float32
}

// PrepackWinograd returns f transformed and packed for the level in use, for weights
// that no longer change. Only Cin, Cout and Tile of s matter; a convolution of another
// shape or level transforms anew, with the same bits. The result takes 16/9 (F(2×2))
// or 4 times (F(4×4)) the memory of the data.
//
// It panics where the data is too short for the shape.
func PrepackWinograd[T Float](f WinogradFilter[T], s WinogradShape) WinogradFilter[T] {
	if s.Tile != 2 && s.Tile != 4 {
		panic(fmt.Sprintf("simd: PrepackWinograd: tile of %d", s.Tile))
	}
	checkWinogradFilter("PrepackWinograd", f, s)
	if !is32[T]() {
		return f
	}
	j := &winogradRun{filter: winogradFilter32(f)}
	j.setShape(s)
	data := alignedSlice(nil, j.panels*j.uPanel)
	t := winogradScratches.get()
	for i := range j.panels {
		j.makePanel(t, data[i*j.uPanel:(i+1)*j.uPanel], i)
	}
	winogradScratches.put(t)
	f.packed = &winogradPanels{j.nr, s.Cin, s.Cout, s.Tile, data}
	return f
}

// fits reports whether the panels serve a convolution.
func (u *winogradPanels) fits(nr int, s WinogradShape) bool {
	return u != nil && u.nr == nr && u.cin == s.Cin && u.cout == s.Cout && u.tile == s.Tile
}
