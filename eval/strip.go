package eval

import (
	"fmt"
	"image"
	"image/color"

	"anomem/imageio"
)

// Strip draws a picture, its heatmap as Overlay does with the mask's outline in it, and
// the mask, side by side. mask has a value for each pixel of the picture, or is nil,
// which leaves it away. Small pictures are enlarged by a whole factor, to at least 128
// pixels the longer way. It panics where Overlay does and on a mask of another size.
func Strip(img *imageio.Image, heat Map, lo, hi float32, mask []bool) *image.NRGBA {
	if mask != nil && len(mask) != img.W*img.H {
		panic(fmt.Sprintf("eval: Strip: a mask of %d values for %d×%d pixels", len(mask), img.W, img.H))
	}
	img, mask = enlarged(img, mask, enlargement(img))
	hot := Overlay(img, heat, lo, hi)
	panels := []*image.NRGBA{opaque(img), hot}
	if mask != nil {
		Outline(hot, mask, MaskColour)
		panels = append(panels, silhouette(img, mask))
	}
	return beside(panels...)
}

// beside joins pictures of one size, with a gap that shows what is behind.
func beside(panels ...*image.NRGBA) *image.NRGBA {
	const gap = 4
	w, h := panels[0].Rect.Dx(), panels[0].Rect.Dy()
	strip := image.NewNRGBA(image.Rect(0, 0, len(panels)*(w+gap)-gap, h))
	for i, p := range panels {
		for y := range h {
			copy(strip.Pix[strip.PixOffset(i*(w+gap), y):], p.Pix[p.PixOffset(0, y):][:4*w])
		}
	}
	return strip
}

// enlargement is the least whole factor that makes a picture 128 pixels long.
func enlargement(img *imageio.Image) int {
	long := max(img.W, img.H)
	return (127 + long) / long
}

// enlarged repeats each pixel, and each value of a mask, factor times either way.
func enlarged(img *imageio.Image, mask []bool, factor int) (*imageio.Image, []bool) {
	if factor == 1 {
		return img, mask
	}
	big := imageio.NewImage(factor*img.W, factor*img.H)
	var bigMask []bool
	if mask != nil {
		bigMask = make([]bool, big.W*big.H)
	}
	for i := range big.W * big.H {
		from := i/big.W/factor*img.W + i%big.W/factor
		copy(big.Pix[3*i:3*i+3], img.Pix[3*from:])
		if mask != nil {
			bigMask[i] = mask[from]
		}
	}
	return big, bigMask
}

// opaque is img as the encoders of the standard library take it.
func opaque(img *imageio.Image) *image.NRGBA {
	out := image.NewNRGBA(image.Rect(0, 0, img.W, img.H))
	for i := range img.W * img.H {
		copy(out.Pix[4*i:], img.Pix[3*i:3*i+3])
		out.Pix[4*i+3] = 255
	}
	return out
}

// silhouette draws what a mask marks in white on black.
func silhouette(img *imageio.Image, mask []bool) *image.NRGBA {
	out := image.NewNRGBA(image.Rect(0, 0, img.W, img.H))
	for i, in := range mask {
		c := color.NRGBA{0, 0, 0, 255}
		if in {
			c = color.NRGBA{255, 255, 255, 255}
		}
		out.SetNRGBA(i%img.W, i/img.W, c)
	}
	return out
}
