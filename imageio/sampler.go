package imageio

import (
	"fmt"
	"image"
	"slices"
)

// A Sampler brings rectangles of images to others, without a copy of the rectangle and,
// once it is warm, without allocation: training samples a new crop for every view.
//
// Where a rectangle shrinks along an axis, the result has the bits of Resize, which scoring
// uses: another filter would leave more or less of the image's noise, and what training
// learns of it would be wrong. Other rectangles are interpolated linearly along each axis,
// between the two source pixels with the nearest centres.
//
// The zero value is ready. Nothing that a Sampler did before affects a result. One
// goroutine at a time may use it.
type Sampler struct {
	resizer      resizer
	across, down sampleAxis

	src    *Image
	from   image.Rectangle
	mirror bool
	rows   [2][]uint16 // rows of the source at the result's width, in units of 1/256
	at     [2]int      // which rows of the source they are; -1: none
	older  int         // which of them the next row replaces
}

// Sample writes the part of img in from to dst [size size 3], as SampleTo does.
func (s *Sampler) Sample(dst []byte, img *Image, from image.Rectangle, size int, mirror bool) {
	s.SampleTo(dst, img, from, size, size, mirror)
}

// SampleTo writes the part of img in from to dst [h w 3], rows from the top, mirrored left
// for right if asked. The arithmetic is in integers, and the bits are the same everywhere. A
// rectangle at its own size is copied.
//
// It panics unless w and h are at least 1, dst has 3·w·h bytes, and from has pixels and lies
// in the image.
func (s *Sampler) SampleTo(dst []byte, img *Image, from image.Rectangle, w, h int, mirror bool) {
	if w < 1 || h < 1 || len(dst) != 3*w*h {
		panic(fmt.Sprintf("imageio: Sample: %d×%d pixels in %d bytes", w, h, len(dst)))
	}
	if from.Empty() || !from.In(image.Rect(0, 0, img.W, img.H)) {
		panic(fmt.Sprintf("imageio: Sample: %v is not in an image of %d×%d", from, img.W, img.H))
	}
	if from.Dx() > w || from.Dy() > h {
		s.resizer.resize(dst, w, h, img, from)
		for y := 0; mirror && y < h; y++ {
			mirrorRow(dst[3*w*y : 3*w*(y+1)])
		}
		return
	}
	s.src, s.from, s.mirror = img, from, mirror
	s.across.set(from.Dx(), w)
	s.down.set(from.Dy(), h)
	s.at = [2]int{-1, -1}
	for i := range s.rows {
		s.rows[i] = slices.Grow(s.rows[i][:0], 3*w)[:3*w]
	}
	for y := range h {
		lo, hi := s.row(int(s.down.lo[y])), s.row(int(s.down.hi[y]))
		mixRows(dst[3*w*y:3*w*(y+1)], lo, hi, s.down.weight[y])
	}
	s.src = nil
}

// row returns row y of the rectangle at the result's width. The last two asked for are
// kept.
func (s *Sampler) row(y int) []uint16 {
	for i, at := range s.at {
		if at == y {
			s.older = 1 - i
			return s.rows[i]
		}
	}
	i := s.older
	s.older, s.at[i] = 1-i, y
	start := 3 * ((s.from.Min.Y+y)*s.src.W + s.from.Min.X)
	src := s.src.Pix[start : start+3*s.from.Dx()]
	s.across.mix(s.rows[i], src)
	if s.mirror {
		mirrorRow(s.rows[i])
	}
	return s.rows[i]
}

// mirrorRow reverses the pixels of a row.
func mirrorRow[T byte | uint16](row []T) {
	for i, j := 0, len(row)-3; i < j; i, j = i+3, j-3 {
		p, q := row[i:i+3:i+3], row[j:j+3:j+3]
		p[0], p[1], p[2], q[0], q[1], q[2] = q[0], q[1], q[2], p[0], p[1], p[2]
	}
}

// halfByte rounds a weighted sum of rows. Rows of at most 255·256, weights that sum to
// sampleOne, and halfByte just fit 32 bits.
const halfByte = 1 << 23

// mixRows interpolates between two rows, to bytes.
func mixRows(dst []byte, lo, hi []uint16, weight uint32) {
	lo, hi = lo[:len(dst)], hi[:len(dst)]
	u := sampleOne - weight
	for i := range dst {
		dst[i] = byte((uint32(lo[i])*u + uint32(hi[i])*weight + halfByte) >> 24)
	}
}
