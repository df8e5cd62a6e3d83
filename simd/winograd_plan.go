package simd

// winogradPlan is what follows from the shape of a convolution and from the level in
// use, alike for the convolution and for the gradient of its filter.
type winogradPlan struct {
	s            WinogradShape
	oh, ow       int
	down, across int // tiles of an image

	kernels *winogradKernels
	gemm    gemmKernel
	alpha   int // side of a transformed tile
	planes  int // alpha²
	nr      int // output channels of a panel
	panels  int

	interior [winoMax]int32 // offsets in a patch of input that lies within its image
}

// set fills the plan for s and the level in use.
func (l *winogradPlan) set(s WinogradShape) {
	l.s = s
	l.oh, l.ow = s.Out()
	l.down, l.across = ceilDiv(l.oh, s.Tile), ceilDiv(l.ow, s.Tile)
	l.kernels = &active.winograd2
	if s.Tile == 4 {
		l.kernels = &active.winograd4
	}
	l.gemm = active.gemm.forColumns(s.Cout)
	l.nr = l.gemm.nr
	if l.gemm.run == nil {
		l.nr = 16
	}
	l.alpha = s.Tile + 2
	l.planes = l.alpha * l.alpha
	l.panels = ceilDiv(s.Cout, l.nr)
	wholePatch(l.interior[:l.planes], l.alpha, s.W, s.Cin)
}

// perImage returns the number of tiles of an image.
func (l *winogradPlan) perImage() int { return l.down * l.across }

// place returns the image of tile i, and its first row and column of the output.
func (l *winogradPlan) place(i int) (n, row, col int) {
	n, i = i/l.perImage(), i%l.perImage()
	return n, i / l.across * l.s.Tile, i % l.across * l.s.Tile
}

// patch returns the patch of input that the tile at (row, col) of image n is computed
// from: the offsets of its elements from element base of the input, -1 outside the
// image. table has room for those of a patch that is not whole.
func (l *winogradPlan) patch(table *[winoMax]int32, n, row, col int) (off []int32, base int) {
	s := &l.s
	top, left := row-s.Pad, col-s.Pad
	base = n * s.H * s.W * s.Cin
	if top >= 0 && left >= 0 && top+l.alpha <= s.H && left+l.alpha <= s.W {
		return l.interior[:l.planes], base + (top*s.W+left)*s.Cin
	}
	off = table[:l.planes]
	patchOffsets(off, l.alpha, top, left, s.H, s.W, s.Cin)
	return off, base
}

// wholePatch sets off to the offsets of a patch of size² that lies within an image of
// width w and n channels.
func wholePatch(off []int32, size, w, n int) {
	patchOffsets(off, size, 0, 0, size, max(w, size), n)
}

// patchOffsets sets off to the offsets of the elements of a patch of size² in an image
// of h×w and n channels, -1 outside.
func patchOffsets(off []int32, size, top, left, h, w, n int) {
	for i := range size {
		for k := range size {
			o := -1
			if uint(top+i) < uint(h) && uint(left+k) < uint(w) {
				o = ((top+i)*w + left + k) * n
			}
			off[i*size+k] = int32(o)
		}
	}
}

// apartInCache returns a distance for planes of n elements such that the same element
// of each falls into another set of the cache: an odd number of lines.
func apartInCache(n int) int {
	const line = 16
	return (ceilDiv(n, line) | 1) * line
}
