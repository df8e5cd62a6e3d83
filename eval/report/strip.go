package report

import (
	"fmt"
	"image"
	"image/color"
	"math"

	"anomem/imageio"
)

// Strip draws side by side a picture, its heatmap as Overlay does, and its mask, which is
// outlined in the heatmap, too. A nil mask is left out. Small pictures are enlarged by a
// whole factor, to at least 128 pixels the longer way, and large ones shrunk to at most
// 2048; a shrunk heatmap keeps its peaks, and a shrunk mask its marks. If lo equals hi,
// values up to it get the first colour. Strip panics where Overlay does otherwise, and on a
// mask of another size than the picture's.
func Strip(img *imageio.Image, heat *imageio.Map, lo, hi float32, mask *imageio.Mask) *image.NRGBA {
	if mask != nil && !sized(mask, img.W, img.H) {
		panic(fmt.Sprintf("report: Strip: a mask of %d×%d for %d×%d pixels", mask.W, mask.H, img.W, img.H))
	}
	if lo == hi { // a heatmap of one value
		hi = math.Nextafter32(lo, float32(math.Inf(1)))
	}
	img, heat, mask = shrunk(img, heat, mask, stripSide)
	img, mask = enlarged(img, mask)
	panels := []*image.NRGBA{img.ToImage(), outlined(img, heat, lo, hi, mask)}
	if mask != nil {
		panels = append(panels, silhouette(mask))
	}
	return beside(panels...)
}

// stripSide is the longest side of a picture in a Strip, in pixels: what a screen shows.
const stripSide = 2048

// shrunk returns a picture of at most side pixels the longer way, with its heatmap and mask.
func shrunk(img *imageio.Image, heat *imageio.Map, mask *imageio.Mask, side int) (*imageio.Image, *imageio.Map, *imageio.Mask) {
	if max(img.W, img.H) <= side {
		return img, heat, mask
	}
	img = img.Shrink(side)
	if heat.W > img.W && heat.H > img.H {
		heat = heat.Shrink(img.W, img.H)
	}
	if mask != nil {
		mask = mask.Shrink(img.W, img.H)
	}
	return img, heat, mask
}

// WriteStrip writes the example as Strip draws it to a PNG file.
func (e *Example) WriteStrip(path string, lo, hi float32) error {
	return imageio.WritePNG(path, Strip(e.Image, e.Heat, lo, hi, e.Mask))
}

// outlined draws the heatmap over the picture, and the outline of the mask unless it is nil.
func outlined(img *imageio.Image, heat *imageio.Map, lo, hi float32, mask *imageio.Mask) *image.NRGBA {
	hot := Overlay(img, heat, lo, hi)
	if mask != nil {
		Outline(hot, mask, MaskColour)
	}
	return hot
}

// beside joins pictures of one size, with a transparent gap between them.
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

// enlarged repeats the pixels of a picture and its mask, which may be nil, by the least
// whole factor that makes the picture 128 pixels long.
func enlarged(img *imageio.Image, mask *imageio.Mask) (*imageio.Image, *imageio.Mask) {
	long := max(img.W, img.H)
	big := img.Enlarge((127 + long) / long)
	if mask != nil && big != img {
		mask = mask.Resize(big.W, big.H)
	}
	return big, mask
}

// silhouette draws what a mask marks in white on black.
func silhouette(mask *imageio.Mask) *image.NRGBA {
	out := image.NewNRGBA(image.Rect(0, 0, mask.W, mask.H))
	for i, in := range mask.Pix {
		c := color.NRGBA{0, 0, 0, 255}
		if in {
			c = color.NRGBA{255, 255, 255, 255}
		}
		out.SetNRGBA(i%mask.W, i/mask.W, c)
	}
	return out
}
