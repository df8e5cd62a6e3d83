package eval

import (
	"fmt"
	"image"
	"image/color"

	"anomem/imageio"
)

// MaskColour is what masks are outlined in: none of the heatmap's colours is near it.
var MaskColour = color.NRGBA{0, 229, 255, 255}

// Overlay draws a heatmap over the grey picture, at the picture's resolution: values up
// to lo show as the first colour, those from hi on as the last. What is hotter covers
// more of the picture. It panics on a map of another number of values than it says and
// unless lo < hi.
func Overlay(img *imageio.Image, heat Map, lo, hi float32) *image.NRGBA {
	if !(lo < hi) {
		panic(fmt.Sprintf("eval: Overlay: colours from %g to %g", lo, hi))
	}
	heat = heat.Resize(img.W, img.H)
	out := image.NewNRGBA(image.Rect(0, 0, img.W, img.H))
	for i, v := range heat.Values {
		at := level(v, lo, hi)
		cover := 64 + at/2 // of 256
		grey := luma(img.Pix[3*i:])
		for c, hue := range palette[at] {
			out.Pix[4*i+c] = byte((grey*(256-cover) + int(hue)*cover + 128) >> 8)
		}
		out.Pix[4*i+3] = 255
	}
	return out
}

// luma is the brightness of a pixel by ITU-R BT.601, 0 to 255.
func luma(p []byte) int {
	return (299*int(p[0]) + 587*int(p[1]) + 114*int(p[2]) + 500) / 1000
}

// Outline draws the inner border of what inside marks, a value for each pixel of out, a
// few pixels wide on a large picture. It panics on another number of values.
func Outline(out *image.NRGBA, inside []bool, c color.NRGBA) {
	w, h := out.Rect.Dx(), out.Rect.Dy()
	if len(inside) != w*h {
		panic(fmt.Sprintf("eval: Outline: %d values for %d×%d pixels", len(inside), w, h))
	}
	core := inside
	for range max(1, max(w, h)/256) {
		core = eroded(core, w, h)
	}
	for i, in := range inside {
		if in && !core[i] {
			out.SetNRGBA(out.Rect.Min.X+i%w, out.Rect.Min.Y+i/w, c)
		}
	}
}

// eroded marks the pixels whose eight neighbours are marked, too; beyond the edges
// nothing is.
func eroded(inside []bool, w, h int) []bool {
	core := make([]bool, len(inside))
	for y := 1; y < h-1; y++ {
		for x := 1; x < w-1; x++ {
			all := true
			for i := (y-1)*w + x; i <= (y+1)*w+x; i += w {
				all = all && inside[i-1] && inside[i] && inside[i+1]
			}
			core[y*w+x] = all
		}
	}
	return core
}

// Above marks the pixels of a map of w×h whose value is above a threshold, for Outline.
func (m Map) Above(threshold float32, w, h int) []bool {
	above := make([]bool, w*h)
	for i, v := range m.Resize(w, h).Values {
		above[i] = v > threshold
	}
	return above
}
