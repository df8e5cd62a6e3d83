package imageio

import (
	"fmt"
	"image"
	"slices"
)

// Mask marks pixels of an image, rows from the top.
type Mask struct {
	W, H int
	Pix  []bool // W·H
}

// NewMask returns a mask that marks nothing.
func NewMask(w, h int) *Mask { return &Mask{W: w, H: h, Pix: make([]bool, w*h)} }

// Any reports whether m marks a pixel. A nil mask marks none.
func (m *Mask) Any() bool { return m != nil && slices.Contains(m.Pix, true) }

// Share returns the part of the pixels that m marks, 0 to 1. It returns 0 for a nil mask
// and for one without pixels.
func (m *Mask) Share() float64 {
	if m == nil || len(m.Pix) == 0 {
		return 0
	}
	n := 0
	for _, marked := range m.Pix {
		if marked {
			n++
		}
	}
	return float64(n) / float64(len(m.Pix))
}

// AnyIn reports whether m marks a pixel within r.
func (m *Mask) AnyIn(r image.Rectangle) bool {
	r = r.Intersect(image.Rect(0, 0, m.W, m.H))
	for y := r.Min.Y; y < r.Max.Y; y++ {
		if slices.Contains(m.Pix[y*m.W+r.Min.X:y*m.W+r.Max.X], true) {
			return true
		}
	}
	return false
}

// Bounds returns the smallest rectangle that holds all marked pixels, empty if there are
// none.
func (m *Mask) Bounds() (r image.Rectangle) {
	for y := range m.H {
		row := m.Pix[y*m.W:][:m.W]
		from := slices.Index(row, true)
		if from < 0 {
			continue
		}
		to := m.W
		for !row[to-1] {
			to--
		}
		r = r.Union(image.Rect(from, y, to, y+1))
	}
	return r
}

// Crop returns a copy of the part r of the mask, in which nothing beyond the edges of m
// is marked.
func (m *Mask) Crop(r image.Rectangle) *Mask {
	dst := NewMask(r.Dx(), r.Dy())
	inside := r.Intersect(image.Rect(0, 0, m.W, m.H))
	for y := inside.Min.Y; y < inside.Max.Y; y++ {
		copy(dst.Pix[(y-r.Min.Y)*dst.W+inside.Min.X-r.Min.X:], m.Pix[y*m.W+inside.Min.X:y*m.W+inside.Max.X])
	}
	return dst
}

// And unmarks what o, a mask of the same size, does not mark.
func (m *Mask) And(o *Mask) {
	for i, marked := range o.Pix {
		m.Pix[i] = m.Pix[i] && marked
	}
}

// Add also marks what o, a mask of the same size, marks.
func (m *Mask) Add(o *Mask) {
	for i, marked := range o.Pix {
		m.Pix[i] = m.Pix[i] || marked
	}
}

// Resize returns the mask at w×h. Each pixel takes the value of the pixel under its
// centre, so marks narrower than a pixel of the result can vanish. Resize panics unless
// mask and result have pixels.
func (m *Mask) Resize(w, h int) *Mask {
	if w < 1 || h < 1 || m.W < 1 || m.H < 1 {
		panic(fmt.Sprintf("imageio: Mask.Resize: from %d×%d to %d×%d", m.W, m.H, w, h))
	}
	dst := NewMask(w, h)
	for y := range h {
		src := m.Pix[m.W*pixelUnder(y, m.H, h):][:m.W]
		row := dst.Pix[w*y:][:w]
		for x := range row {
			row[x] = src[pixelUnder(x, m.W, w)]
		}
	}
	return dst
}

// pixelUnder returns the pixel, of in, under the centre of pixel x, of out: the integer
// part of (x+½)·in/out.
func pixelUnder(x, in, out int) int { return (2*x + 1) * in / (2 * out) }

// Shrink returns the mask at w×h, no larger than it is. A pixel is marked if any marked
// pixel falls into it, so that no mark vanishes. Shrink panics unless 0 < w <= m.W and
// 0 < h <= m.H.
func (m *Mask) Shrink(w, h int) *Mask {
	if w < 1 || h < 1 || w > m.W || h > m.H {
		panic(fmt.Sprintf("imageio: Mask.Shrink: from %d×%d to %d×%d", m.W, m.H, w, h))
	}
	to := NewMask(w, h)
	for i, in := range m.Pix {
		if in {
			to.Pix[i/m.W*h/m.H*w+i%m.W*w/m.W] = true
		}
	}
	return to
}
