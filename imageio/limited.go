package imageio

import (
	"image"
	"image/color"
)

// A lossy WebP holds YCbCr by ITU-R BT.601 in limited range: Y from 16 to 235, Cb and Cr
// from 16 to 240 (RFC 9649, section 2.5). Its decoder returns the same types as that of
// JPEG, whose range is full.

// bt601 expands one pixel to RGB, in the integers of libwebp, so that pixels are the same
// everywhere:
//
//	R = 1.164 (Y - 16) + 1.596 (Cr - 128)
//	G = 1.164 (Y - 16) - 0.813 (Cr - 128) - 0.391 (Cb - 128)
//	B = 1.164 (Y - 16) + 2.018 (Cb - 128)
func bt601(y, cb, cr byte) (r, g, b byte) {
	l, u, v := int(y)*19077>>8, int(cb), int(cr)
	return clamp6(l + v*26149>>8 - 14234),
		clamp6(l - u*6419>>8 - v*13320>>8 + 8708),
		clamp6(l + u*33050>>8 - 17685)
}

// clamp6 returns v>>6, clamped to 8 bits.
func clamp6(v int) byte { return byte(min(max(v, 0), 1<<14-1) >> 6) }

// fromLimited converts a picture in limited range. Chroma of half the size is
// interpolated as libwebp does by default: a pixel takes 9/16 of the nearest sample, 3/16
// of each of the next two, and 1/16 of the one across.
func fromLimited(src *image.YCbCr, x0, w int) rowReader {
	up := [2][]byte{make([]byte, w), make([]byte, w)}
	return func(dst []byte, y int) {
		luma := src.Y[src.YOffset(x0, y):][:w]
		chromaRow(up[0], src, src.Cb, x0, y)
		chromaRow(up[1], src, src.Cr, x0, y)
		for i, l := range luma {
			d := dst[3*i:][:3]
			d[0], d[1], d[2] = bt601(l, up[0][i], up[1][i])
		}
	}
}

// chromaRow writes the chroma of the pixels of row y from x0 on.
func chromaRow(dst []byte, src *image.YCbCr, plane []byte, x0, y int) {
	if src.SubsampleRatio != image.YCbCrSubsampleRatio420 || src.Rect.Min.X&1 != 0 || src.Rect.Min.Y&1 != 0 {
		for i := range dst {
			dst[i] = plane[src.COffset(x0+i, y)]
		}
		return
	}
	row := func(cy int) []byte {
		first, last := src.Rect.Min.Y, src.Rect.Max.Y-1
		return plane[src.COffset(src.Rect.Min.X, 2*min(max(cy, first/2), last/2)):][:(src.Rect.Dx()+1)/2]
	}
	near, far := row(y/2), row(y/2-1+y%2*2)
	for i := range dst {
		x := x0 + i - src.Rect.Min.X
		k := x / 2
		j := k - 1 + x%2*2 // the next column
		if j < 0 || j >= len(near) {
			dst[i] = byte((3*int(near[k]) + int(far[k]) + 2) >> 2)
			continue
		}
		nk, nj, fk, fj := int(near[k]), int(near[j]), int(far[k]), int(far[j])
		diagonal := (nk + nj + fk + fj + 8 + 2*(nj+fk)) >> 3
		dst[i] = byte((diagonal + nk) >> 1)
	}
}

// fromLimitedAlpha converts a picture in limited range with transparency.
func (p paper) fromLimitedAlpha(src *image.NYCbCrA, x0, w int) rowReader {
	opaque := fromLimited(&src.YCbCr, x0, w)
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
