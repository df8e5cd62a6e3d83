package imageio

import (
	"image"
	"image/color"
)

// A rowReader converts row y of an image to dst.
type rowReader func(dst []byte, y int)

// rows returns a rowReader for src, from b.Min.X to b.Max.X. It reads the memory of the
// types that decoders return, and calls paper.rgb for all others.
func (p paper) rows(src image.Image, b image.Rectangle) rowReader {
	x0, w := b.Min.X, b.Dx()
	switch src := src.(type) {
	case *image.Gray:
		return fromGray(src, x0, w)
	case *image.Gray16:
		return fromGray16(src, x0, w)
	case *image.Paletted:
		return p.fromPaletted(src, x0, w)
	case *image.NRGBA:
		return p.fromNRGBA(src, x0, w)
	case *image.RGBA:
		return p.fromRGBA(src, x0, w)
	case *image.NRGBA64:
		return p.fromNRGBA64(src, x0, w)
	case *image.RGBA64:
		return p.fromRGBA64(src, x0, w)
	case *image.CMYK:
		return p.fromCMYK(src, x0, w)
	case *image.YCbCr:
		return fromYCbCr(src, x0, w)
	case *image.NYCbCrA:
		return p.fromNYCbCrA(src, x0, w)
	}
	return p.fromAny(src, x0, w)
}

func (p paper) fromAny(src image.Image, x0, w int) rowReader {
	return func(dst []byte, y int) {
		for i := range w {
			d := dst[3*i:][:3]
			d[0], d[1], d[2] = p.rgb(src.At(x0+i, y))
		}
	}
}

func fromGray(src *image.Gray, x0, w int) rowReader {
	return func(dst []byte, y int) {
		for i, v := range src.Pix[src.PixOffset(x0, y):][:w] {
			d := dst[3*i:][:3]
			d[0], d[1], d[2] = v, v, v
		}
	}
}

func fromGray16(src *image.Gray16, x0, w int) rowReader {
	return func(dst []byte, y int) {
		pix := src.Pix[src.PixOffset(x0, y):][:2*w]
		for i := range w {
			v := to8(big16(pix[2*i:]))
			d := dst[3*i:][:3]
			d[0], d[1], d[2] = v, v, v
		}
	}
}

func (p paper) fromPaletted(src *image.Paletted, x0, w int) rowReader {
	table := make([][3]byte, len(src.Palette))
	for i, c := range src.Palette {
		table[i][0], table[i][1], table[i][2] = p.rgb(c)
	}
	return func(dst []byte, y int) {
		for i, v := range src.Pix[src.PixOffset(x0, y):][:w] {
			*(*[3]byte)(dst[3*i:]) = table[v]
		}
	}
}

func (p paper) fromNRGBA(src *image.NRGBA, x0, w int) rowReader {
	return func(dst []byte, y int) {
		pix := src.Pix[src.PixOffset(x0, y):][:4*w]
		for i := range w {
			s, d := pix[4*i:][:4], dst[3*i:][:3]
			d[0], d[1], d[2] = s[0], s[1], s[2]
			if s[3] != 255 {
				d[0], d[1], d[2] = p.under(color.NRGBA{s[0], s[1], s[2], s[3]}.RGBA())
			}
		}
	}
}

func (p paper) fromRGBA(src *image.RGBA, x0, w int) rowReader {
	return func(dst []byte, y int) {
		pix := src.Pix[src.PixOffset(x0, y):][:4*w]
		for i := range w {
			s, d := pix[4*i:][:4], dst[3*i:][:3]
			d[0], d[1], d[2] = s[0], s[1], s[2]
			if s[3] != 255 {
				d[0], d[1], d[2] = p.under(color.RGBA{s[0], s[1], s[2], s[3]}.RGBA())
			}
		}
	}
}

func (p paper) fromNRGBA64(src *image.NRGBA64, x0, w int) rowReader {
	return func(dst []byte, y int) {
		pix := src.Pix[src.PixOffset(x0, y):][:8*w]
		for i := range w {
			s, d := pix[8*i:][:8], dst[3*i:][:3]
			r, g, b, a := big16(s), big16(s[2:]), big16(s[4:]), big16(s[6:])
			if a != 0xffff {
				r, g, b = r*a/0xffff, g*a/0xffff, b*a/0xffff
			}
			d[0], d[1], d[2] = p.under(r, g, b, a)
		}
	}
}

func (p paper) fromRGBA64(src *image.RGBA64, x0, w int) rowReader {
	return func(dst []byte, y int) {
		pix := src.Pix[src.PixOffset(x0, y):][:8*w]
		for i := range w {
			s, d := pix[8*i:][:8], dst[3*i:][:3]
			d[0], d[1], d[2] = p.under(big16(s), big16(s[2:]), big16(s[4:]), big16(s[6:]))
		}
	}
}

func (p paper) fromCMYK(src *image.CMYK, x0, w int) rowReader {
	return func(dst []byte, y int) {
		pix := src.Pix[src.PixOffset(x0, y):][:4*w]
		for i := range w {
			s, d := pix[4*i:][:4], dst[3*i:][:3]
			d[0], d[1], d[2] = p.under(color.CMYK{s[0], s[1], s[2], s[3]}.RGBA())
		}
	}
}

func fromYCbCr(src *image.YCbCr, x0, w int) rowReader {
	// The place of a column's chroma does not depend on the row, in any subsampling.
	column := make([]int, w)
	for i := range column {
		column[i] = src.COffset(x0+i, src.Rect.Min.Y) - src.COffset(x0, src.Rect.Min.Y)
	}
	return func(dst []byte, y int) {
		luma, c := src.Y[src.YOffset(x0, y):][:w], src.COffset(x0, y)
		cb, cr := src.Cb[c:], src.Cr[c:]
		for i, k := range column {
			d := dst[3*i:][:3]
			l, u, v := int32(luma[i])<<16+1<<15, int32(cb[k])-128, int32(cr[k])-128
			d[0] = clamp16(l + 91881*v)
			d[1] = clamp16(l - 22553*u - 46802*v)
			d[2] = clamp16(l + 116130*u)
		}
	}
}

func (p paper) fromNYCbCrA(src *image.NYCbCrA, x0, w int) rowReader {
	opaque := fromYCbCr(&src.YCbCr, x0, w)
	return func(dst []byte, y int) {
		opaque(dst, y)
		for i, a := range src.A[src.AOffset(x0, y):][:w] {
			if a != 255 {
				d := dst[3*i:][:3]
				d[0], d[1], d[2] = p.under(color.NRGBA{d[0], d[1], d[2], a}.RGBA())
			}
		}
	}
}

// big16 reads 16 bits, the upper ones first.
func big16(b []byte) uint32 { return uint32(b[0])<<8 | uint32(b[1]) }
