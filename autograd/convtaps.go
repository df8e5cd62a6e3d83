package autograd

import (
	"math"

	"anomem/simd"
)

// convTaps says, for each position of a result and each tap (kh, kw) of the filter,
// which vector of the source it meets: the number of its first element within the
// image, or -1 outside.
type convTaps struct {
	off       []int32 // positions × taps of one image, repeated for further images
	taps      int
	positions int // of an image of the result
	images    int // that off covers
	size      int // elements of an image of the source
	channels  int // of the source
}

// tapsRows is how many rows of a result one product computes, if images are small
// enough: offsets are 32-bit, and their table is to stay small.
const tapsRows = 1 << 14

// newTaps returns an empty table for n images.
func (g *Graph[T]) newTaps(n, positions, taps, size, channels int) convTaps {
	images := min(max(1, tapsRows/max(1, positions)), max(1, n), max(1, math.MaxInt32/max(1, size)))
	return convTaps{g.ints.take(images * positions * taps), taps, positions, images, size, channels}
}

// mergeChannels is the number of channels of x below which a row of the filter
// makes one tap, on a padded copy of x: a tap is then long enough to be worth
// looking up. Padding is multiplied and added either way.
const mergeChannels = 16

// merged reports whether a row of the filter makes one tap.
func (s *convShape) merged() bool {
	return s.cin < mergeChannels && s.kw > 1 && indexable(s.h+2*s.PadH, s.w+2*s.PadW, s.cin)
}

// outputTaps returns the table of the vectors that each position of y meets, and x or
// the padded copy of x that they lie in.
func (op *convOp[T]) outputTaps(g *Graph[T]) (convTaps, []T) {
	s := &op.s
	if s.merged() {
		return op.mergedTaps(g)
	}
	t := g.newTaps(s.n, s.oh*s.ow, s.kh*s.kw, s.h*s.w*s.cin, s.cin)
	k := 0
	for p := range s.oh {
		for q := range s.ow {
			for kh := range s.kh {
				i := p*s.StrideH + kh - s.PadH
				for kw := range s.kw {
					j := q*s.StrideW + kw - s.PadW
					if uint(i) < uint(s.h) && uint(j) < uint(s.w) {
						t.off[k] = int32((i*s.w + j) * s.cin)
					} else {
						t.off[k] = -1
					}
					k++
				}
			}
		}
	}
	t.repeat()
	return t, op.x.data
}

// mergedTaps is outputTaps with one tap for each row of the filter, whose KW·Cin
// numbers lie together in x.
func (op *convOp[T]) mergedTaps(g *Graph[T]) (convTaps, []T) {
	s := &op.s
	h, w := s.h+2*s.PadH, s.w+2*s.PadW
	x := op.x.data
	if s.PadH > 0 || s.PadW > 0 {
		x = g.floats.take(s.n * h * w * s.cin)
		simd.PadNHWC(x, op.x.data, s.n, s.h, s.w, s.cin, s.PadH, s.PadH, s.PadW, s.PadW)
	}
	t := g.newTaps(s.n, s.oh*s.ow, s.kh, h*w*s.cin, s.kw*s.cin)
	k := 0
	for p := range s.oh {
		for q := range s.ow {
			for kh := range s.kh {
				t.off[k] = int32(((p*s.StrideH+kh)*w + q*s.StrideW) * s.cin)
				k++
			}
		}
	}
	t.repeat()
	return t, x
}

// repeat fills the table's part for the second and further images.
func (t *convTaps) repeat() {
	n := t.positions * t.taps
	for i := n; i < t.images*n; i++ {
		t.off[i] = t.off[i-n]
		if t.off[i] >= 0 {
			t.off[i] += int32(t.size)
		}
	}
}

// tapProduct computes dst, n images of cols channels, from src and the weights of
// each tap, as many images at a time as t covers.
func tapProduct[T Float](g *Graph[T], t *convTaps, dst, src []T, weights simd.Operand[T], n, cols int, ep simd.Epilogue[T]) {
	table := simd.RowTable{Off: t.off, Taps: t.taps}
	images := t.images
	var sums, squares []float64 // taken after the products, which begin within a chunk
	if ep.Sums != nil && images < n {
		if images = t.wholeChunks(); images == 0 {
			images, sums, squares, ep.Sums, ep.Squares = t.images, ep.Sums, ep.Squares, nil, nil
		}
	}
	for i := 0; i < n; i += images {
		rows := min(images, n-i) * t.positions
		simd.GatherGemm(g.pool, dst[i*t.positions*cols:], cols, src[i*t.size:], table, weights, rows, cols, t.channels,
			fromRow(ep, i*t.positions, cols))
	}
	if sums != nil {
		g.moments(sums, squares, dst, n*t.positions, cols)
	}
}

// wholeChunks returns the most images that t covers and whose rows are whole chunks of
// the sums of columns, or 0.
func (t *convTaps) wholeChunks() int {
	n := t.images
	for n > 0 && n*t.positions%simd.ColumnChunk != 0 {
		n--
	}
	return n
}

// fromRow returns ep for the rows of a result from row on. If there are sums, row must
// begin a chunk.
func fromRow[T Float](ep simd.Epilogue[T], row, cols int) simd.Epilogue[T] {
	if ep.Residual != nil {
		ep.Residual = ep.Residual[row*ep.ResidualStride:]
	}
	if ep.Sums != nil {
		at := row / simd.ColumnChunk * cols
		ep.Sums, ep.Squares = ep.Sums[at:], ep.Squares[at:]
	}
	return ep
}

// indexable reports whether every element of an array of this shape has a 32-bit
// index.
func indexable(dims ...int) bool {
	n := 1
	for _, d := range dims {
		if d == 0 {
			return true
		}
		if n > math.MaxInt32/d {
			return false
		}
		n *= d
	}
	return true
}
