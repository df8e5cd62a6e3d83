package imageio

import (
	"encoding/binary"
	"fmt"
	"image"
	"math/bits"
	"slices"
)

// Resize returns the image at w×h: bilinear, with antialiasing where it shrinks, as
// Pillow's BILINEAR and torchvision's antialias=True. Along each axis, pixel x of out is
// the average of the pixels j of in under a triangle,
//
//	weight ∝ max(0, 1 - |(j+½) - (x+½)·in/out| / max(in/out, 1))
//
// without those beyond the edges. The arithmetic is in integers, and the bits are the
// same everywhere. They are within 0.51 of the exact average for axes that shrink less
// than 128 times, and always within 0.5 + 1/512 + 255·taps/2²⁴, with the taps of both
// axes together. At its own size the image is copied. Resize panics unless image and
// result have pixels.
func (m *Image) Resize(w, h int) *Image {
	if w < 1 || h < 1 || m.W < 1 || m.H < 1 {
		panic(fmt.Sprintf("imageio: Resize: from %d×%d to %d×%d", m.W, m.H, w, h))
	}
	dst := NewImage(w, h)
	if w == m.W && h == m.H {
		copy(dst.Pix, m.Pix)
		return dst
	}
	var r resizer
	r.resize(dst.Pix, w, h, m, image.Rect(0, 0, m.W, m.H))
	return dst
}

// A resizer resizes rectangles of images, and reuses its memory.
type resizer struct {
	columns, rows resampling
	blended       []uint16
}

// resize writes the part of m in from, at w×h, to dst.
func (r *resizer) resize(dst []byte, w, h int, m *Image, from image.Rectangle) {
	r.columns.set(from.Dx(), w)
	r.rows.set(from.Dy(), h)
	// Rows first: whole rows are blended several bytes at a time, and only h of them are
	// left for the other axis.
	r.blended = slices.Grow(r.blended[:0], 3*from.Dx())[:3*from.Dx()]
	for y := range h {
		first, weights := r.rows.of(y)
		blendRows(r.blended, m.Pix[3*(m.W*(from.Min.Y+first)+from.Min.X):], 3*m.W, weights)
		blendColumns(dst[3*w*y:][:3*w], r.blended, &r.columns)
	}
}

// weightBits sets the sum of a result's weights, 1<<weightBits: the largest for which
// the weighted sum of bytes, with its rounding, fits 32 bits.
const weightBits = 24

// A resampling holds the inputs that each result along an axis averages.
type resampling struct {
	first  []int    // by result, the first input
	start  []int    // by result, and one more: where its weights start
	weight []uint32 // each result's sum to 1<<weightBits
}

// of returns the first input of result x and the weights from there on.
func (f *resampling) of(x int) (first int, weights []uint32) {
	return f.first[x], f.weight[f.start[x]:f.start[x+1]]
}

// set sets f to the weights of Resize for an axis. Multiplied by 2·out·max(in/out, 1) they
// are integers, 2·max(in, out) - |(2j+1)·out - (2x+1)·in|.
func (f *resampling) set(in, out int) {
	f.first, f.start, f.weight = f.first[:0], append(f.start[:0], 0), f.weight[:0]
	reach := 2 * max(in, out)
	for x := range out {
		centre := (2*x + 1) * in
		// Those with (2j+1)·out strictly between centre ± reach.
		first := 0
		if below := centre - reach - out; below >= 0 {
			first = below/(2*out) + 1
		}
		last := min((centre+reach-out-1)/(2*out), in-1)
		sum := uint64(0)
		for j := first; j <= last; j++ {
			sum += uint64(reach - distance((2*j+1)*out, centre))
		}
		// Rounding the partial sums makes the whole exact and leaves each weight at
		// most a unit off.
		part, rounded := uint64(0), uint32(0)
		for j := first; j <= last; j++ {
			part += uint64(reach - distance((2*j+1)*out, centre))
			next := fixedPoint(part, sum)
			f.weight = append(f.weight, next-rounded)
			rounded = next
		}
		f.first, f.start = append(f.first, first), append(f.start, len(f.weight))
	}
}

// fixedPoint returns part/sum in units of 1/(1<<weightBits), rounded. The product takes
// more than 64 bits for axes of more than a million pixels.
func fixedPoint(part, sum uint64) uint32 {
	hi, lo := bits.Mul64(part, 1<<weightBits)
	q, rest := bits.Div64(hi, lo, sum)
	if rest >= sum-rest {
		q++
	}
	return uint32(q)
}

func distance(a, b int) int { return max(a-b, b-a) }

// blendRows sets dst to the weighted sum of the first rows of pix, in units of 1/256. A row
// begins stride bytes after the one before and counts as far as dst is long.
func blendRows(dst []uint16, pix []byte, stride int, weights []uint32) {
	const shift = weightBits - 8
	// Eight bytes at a time, in four words of two sums each. No sum reaches 2³², so
	// the lower one does not carry into the upper one.
	const (
		lanes = 0x000000ff000000ff
		half  = 1<<(shift-1) | 1<<(shift-1+32)
	)
	i := 0
	for ; i+8 <= len(dst); i += 8 {
		a, b, c, d := uint64(half), uint64(half), uint64(half), uint64(half)
		at := i
		for _, weight := range weights {
			v, w := binary.LittleEndian.Uint64(pix[at:]), uint64(weight)
			a += v & lanes * w
			b += v >> 8 & lanes * w
			c += v >> 16 & lanes * w
			d += v >> 24 & lanes * w
			at += stride
		}
		o := dst[i:][:8]
		o[0], o[4] = uint16(a>>shift), uint16(a>>(shift+32))
		o[1], o[5] = uint16(b>>shift), uint16(b>>(shift+32))
		o[2], o[6] = uint16(c>>shift), uint16(c>>(shift+32))
		o[3], o[7] = uint16(d>>shift), uint16(d>>(shift+32))
	}
	for ; i < len(dst); i++ {
		a, at := uint32(1<<(shift-1)), i
		for _, weight := range weights {
			a += uint32(pix[at]) * weight
			at += stride
		}
		dst[i] = uint16(a >> shift)
	}
}

// blendColumns sets each pixel of a row dst to its weighted sum of the pixels of src,
// which are in units of 1/256.
func blendColumns(dst []byte, src []uint16, f *resampling) {
	const shift = weightBits + 8
	for x := range f.first {
		first, weights := f.of(x)
		r, g, b := uint64(1<<(shift-1)), uint64(1<<(shift-1)), uint64(1<<(shift-1))
		at := 3 * first
		for _, weight := range weights {
			w, s := uint64(weight), (*[3]uint16)(src[at:])
			r += w * uint64(s[0])
			g += w * uint64(s[1])
			b += w * uint64(s[2])
			at += 3
		}
		d := dst[3*x:][:3]
		d[0], d[1], d[2] = byte(r>>shift), byte(g>>shift), byte(b>>shift)
	}
}
