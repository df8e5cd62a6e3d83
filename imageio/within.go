package imageio

import (
	"fmt"
	"image"
)

// outside is the grey of pixels outside a region of interest: the middle, which the usual
// normalisation maps to about 0, as the padding of convolutions is.
const outside = 128

// Within returns the part of an image that a region of interest bounds, with grey pixels
// outside the region, and the region within that part. The part is a copy. Within panics
// unless the region has the image's size and marks a pixel.
func (m *Image) Within(region *Mask) (*Image, *Mask) {
	if region.W != m.W || region.H != m.H || !region.Any() {
		panic(fmt.Sprintf("imageio: Within: a region of %d×%d, an image of %d×%d", region.W, region.H, m.W, m.H))
	}
	r := region.Bounds()
	part, inside := m.Crop(r.Min.X, r.Min.Y, r.Dx(), r.Dy()), region.Crop(r)
	part.Blank(inside)
	return part, inside
}

// Blank makes the pixels of m outside a region, a mask of the same size, grey.
func (m *Image) Blank(region *Mask) {
	for i, in := range region.Pix {
		if !in {
			*(*[3]byte)(m.Pix[3*i:]) = [3]byte{outside, outside, outside}
		}
	}
}

// Touches reports which of rows×cols cells of a part r of an image hold a pixel that m
// marks, row by row. Beyond the edges m continues as its mirror image, as CropReflect has
// it.
func (m *Mask) Touches(r image.Rectangle, rows, cols int) []bool {
	cells := make([]bool, rows*cols)
	for i := range rows {
		for y := r.Min.Y + i*r.Dy()/rows; y < r.Min.Y+((i+1)*r.Dy()+rows-1)/rows; y++ {
			line := m.Pix[m.W*mirrored(y, m.H):][:m.W]
			for j := range cols {
				for x := r.Min.X + j*r.Dx()/cols; x < r.Min.X+((j+1)*r.Dx()+cols-1)/cols && !cells[i*cols+j]; x++ {
					cells[i*cols+j] = line[mirrored(x, m.W)]
				}
			}
		}
	}
	return cells
}

// Rotate90 returns the mask after k quarter turns counter-clockwise, as that of Image does.
func (m *Mask) Rotate90(k int) *Mask {
	dst := new(Mask)
	m.Rotate90Into(dst, k)
	return dst
}

// Rotate90Into is Rotate90 into dst, whose memory it reuses. dst must not share memory with
// m.
func (m *Mask) Rotate90Into(dst *Mask, k int) {
	w, h := m.W, m.H
	if k&1 == 1 {
		w, h = h, w
	}
	if cap(dst.Pix) < w*h {
		dst.Pix = make([]bool, w*h)
	}
	dst.W, dst.H, dst.Pix = w, h, dst.Pix[:w*h]
	for i := range dst.Pix {
		x, y := i%w, i/w
		switch k & 3 {
		case 1:
			x, y = m.W-1-y, x
		case 2:
			x, y = m.W-1-x, m.H-1-y
		case 3:
			x, y = y, m.H-1-x
		}
		dst.Pix[i] = m.Pix[m.W*y+x]
	}
}
