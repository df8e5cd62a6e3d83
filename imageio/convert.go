package imageio

import (
	"image"
	"image/color"
)

// FromImage converts any image to 8 bits of red, green and blue. Grey fills all three
// channels. 16 bits are rounded to 8: v·255/65535 = v/257. YCbCr becomes RGB as JFIF
// defines it, rounded to the nearest, unlike the conversion of image/color. The pictures
// of a WebP decoder need Decode, which knows that their YCbCr has limited range.
//
// Transparent pixels are composited on white, as most programs show them. On black,
// dark ink would vanish, and a part cut out of a photograph would get a dark edge.
//
// FromImage panics if a pixel of a palette image has no colour, as At does.
func FromImage(src image.Image) *Image { return fromImage(src, onWhite) }

// A paper is the background of transparent pixels, a 16-bit grey value.
type paper uint32

const (
	onBlack paper = 0
	onWhite paper = 0xffff
)

// under composites a premultiplied 16-bit colour, as color.Color returns it, on p.
func (p paper) under(r, g, b, a uint32) (r8, g8, b8 byte) {
	light := (0xffff - a) & uint32(p)
	return to8(min(r+light, 0xffff)), to8(min(g+light, 0xffff)), to8(min(b+light, 0xffff))
}

// to8 rounds 16 bits to 8. 257 is odd, so there are no ties.
func to8(v uint32) byte { return byte((v + 128) / 257) }

// rgb converts one pixel. It is the specification of every rowReader.
func (p paper) rgb(c color.Color) (r, g, b byte) {
	switch c := c.(type) {
	case color.YCbCr:
		return jfif(c.Y, c.Cb, c.Cr)
	case color.NYCbCrA:
		r, g, b = jfif(c.Y, c.Cb, c.Cr)
		return p.under(color.NRGBA{r, g, b, c.A}.RGBA())
	}
	return p.under(c.RGBA())
}

// jfif converts YCbCr to RGB by ITU-T T.871, section 7,
//
//	R = Y + 1.402 (Cr - 128)
//	G = Y - (0.114·1.772 (Cb - 128) + 0.299·1.402 (Cr - 128)) / 0.587
//	B = Y + 1.772 (Cb - 128)
//
// in units of 2⁻¹⁶, rounded and clamped.
func jfif(y, cb, cr byte) (r, g, b byte) {
	l, u, v := int32(y)<<16+1<<15, int32(cb)-128, int32(cr)-128
	return clamp16(l + 91881*v), clamp16(l - 22553*u - 46802*v), clamp16(l + 116130*u)
}

// clamp16 returns v>>16, clamped to 8 bits.
func clamp16(v int32) byte { return byte(min(max(v, 0), 1<<24-1) >> 16) }

func fromImage(src image.Image, p paper) *Image { return conversion{paper: p}.convert(src) }

// A conversion says how decoded pictures become Images.
type conversion struct {
	paper   paper
	limited bool    // YCbCr has limited range
	levels  *levels // of 16-bit values; nil: v/257
}

func (c conversion) convert(src image.Image) *Image { return c.upright(src, 1) }

// upright converts a picture and turns it by its EXIF orientation, without a copy of it
// as it is stored.
func (c conversion) upright(src image.Image, orientation int) *Image {
	b := src.Bounds()
	w, h := b.Dx(), b.Dy()
	u := uprightFrom(orientation, w, h)
	m := NewImage(u.w, u.h)
	if b.Empty() {
		return m
	}
	row := c.rows(src, b)
	if orientation == 1 {
		for y := range h {
			row(m.Pix[3*w*y:][:3*w], b.Min.Y+y)
		}
		return m
	}
	const band = 32
	rows := make([]byte, 3*w*min(band, h))
	for y := 0; y < h; y += band {
		n := min(band, h-y)
		for k := range n {
			row(rows[3*w*k:][:3*w], b.Min.Y+y+k)
		}
		u.put(m.Pix, rows[:3*w*n], w, y)
	}
	return m
}

// rows returns a rowReader for src, from b.Min.X to b.Max.X.
func (c conversion) rows(src image.Image, b image.Rectangle) rowReader {
	x0, w := b.Min.X, b.Dx()
	switch m := src.(type) {
	case *framed:
		return c.fromFramed(m)
	case *image.YCbCr:
		if c.limited {
			return fromLimited(m, x0, w)
		}
	case *image.NYCbCrA:
		if c.limited {
			return c.paper.fromLimitedAlpha(m, x0, w)
		}
	}
	if c.levels != nil {
		if row := c.ranged(src, x0, w); row != nil {
			return row
		}
	}
	return c.paper.rows(src, b)
}

// framed is a picture within a larger, transparent frame.
type framed struct {
	image.Image
	screen image.Rectangle
	at     image.Point // where the origin of the picture lies in the frame
}

func (f *framed) Bounds() image.Rectangle { return f.screen }

func (f *framed) At(x, y int) color.Color {
	p := image.Pt(x, y).Sub(f.at)
	if !p.In(f.Image.Bounds()) {
		return color.Transparent
	}
	return f.Image.At(p.X, p.Y)
}

func (c conversion) fromFramed(f *framed) rowReader {
	b := f.Image.Bounds().Intersect(f.screen.Sub(f.at))
	inside := c.rows(f.Image, b)
	from := 3 * (b.Min.X + f.at.X - f.screen.Min.X)
	empty, _, _ := c.paper.under(0, 0, 0, 0)
	return func(dst []byte, y int) {
		for i := range dst {
			dst[i] = empty
		}
		if y -= f.at.Y; b.Min.Y <= y && y < b.Max.Y {
			inside(dst[from:][:3*b.Dx()], y)
		}
	}
}

// ToImage returns a copy for the encoders of package image.
func (m *Image) ToImage() *image.NRGBA {
	dst := image.NewNRGBA(image.Rect(0, 0, m.W, m.H))
	for i := range m.W * m.H {
		s, d := m.Pix[3*i:][:3], dst.Pix[4*i:][:4]
		d[0], d[1], d[2], d[3] = s[0], s[1], s[2], 255
	}
	return dst
}
