package imageio

import (
	"image"
	"image/color"
)

// A value is a pixel as it is stored: 16 bits of red, green, blue and opacity,
// premultiplied.
type value [4]uint16

func valueOf(c color.Color) value {
	r, g, b, a := c.RGBA()
	return value{uint16(r), uint16(g), uint16(b), uint16(a)}
}

// grey8 returns an opaque grey.
func grey8(v byte) value {
	w := uint16(v) * 257
	return value{w, w, w, 0xffff}
}

// sum is how bright a value is.
func (v value) sum() int { return int(v[0]) + int(v[1]) + int(v[2]) + int(v[3]) }

// black reports whether nothing is to be seen of v on black.
func (v value) black() bool { return v[0]|v[1]|v[2] == 0 }

// from returns by how much v differs from o, in the channel that differs most, and
// whether v is strong: in a channel it lies across the middle, at least a quarter of the
// range away.
func (v value) from(o value) (most int, strong bool) {
	for k := range v {
		d := int(v[k]) - int(o[k])
		d = max(d, -d)
		most = max(most, d)
		strong = strong || d >= 1<<14 && (v[k] >= 1<<15) != (o[k] >= 1<<15)
	}
	return most, strong
}

// A valueReader reads the values of row y from column x on, counted from the corner.
type valueReader func(dst []value, x, y int)

// values returns a valueReader for a decoded picture.
func (p *picture) values() valueReader {
	b := p.Bounds()
	switch src := p.Image.(type) {
	case *image.Gray:
		return func(dst []value, x, y int) {
			for i, v := range src.Pix[src.PixOffset(b.Min.X+x, b.Min.Y+y):][:len(dst)] {
				dst[i] = grey8(v)
			}
		}
	case *image.Paletted:
		table := make([]value, len(src.Palette))
		for i, c := range src.Palette {
			table[i] = valueOf(c)
		}
		return func(dst []value, x, y int) {
			for i, v := range src.Pix[src.PixOffset(b.Min.X+x, b.Min.Y+y):][:len(dst)] {
				dst[i] = table[v]
			}
		}
	case *image.NRGBA:
		return func(dst []value, x, y int) {
			pix := src.Pix[src.PixOffset(b.Min.X+x, b.Min.Y+y):]
			for i := range dst {
				s := pix[4*i:][:4]
				dst[i] = valueOf(color.NRGBA{s[0], s[1], s[2], s[3]})
			}
		}
	case *image.RGBA:
		return func(dst []value, x, y int) {
			pix := src.Pix[src.PixOffset(b.Min.X+x, b.Min.Y+y):]
			for i := range dst {
				s := pix[4*i:][:4]
				dst[i] = valueOf(color.RGBA{s[0], s[1], s[2], s[3]})
			}
		}
	case *image.YCbCr, *image.CMYK:
		return p.opaqueValues(b)
	case image.RGBA64Image:
		return func(dst []value, x, y int) {
			for i := range dst {
				c := src.RGBA64At(b.Min.X+x+i, b.Min.Y+y)
				dst[i] = value{c.R, c.G, c.B, c.A}
			}
		}
	}
	return func(dst []value, x, y int) {
		for i := range dst {
			dst[i] = valueOf(p.At(b.Min.X+x+i, b.Min.Y+y))
		}
	}
}

// opaqueValues reads colours as Decode converts them.
func (p *picture) opaqueValues(b image.Rectangle) valueReader {
	row := conversion{paper: onBlack, limited: p.limited}.rows(p.Image, b)
	pix, at := make([]byte, 3*b.Dx()), -1
	return func(dst []value, x, y int) {
		if at != y {
			row(pix, b.Min.Y+y)
			at = y
		}
		for i := range dst {
			s := pix[3*(x+i):][:3]
			dst[i] = value{uint16(s[0]) * 257, uint16(s[1]) * 257, uint16(s[2]) * 257, 0xffff}
		}
	}
}
