package report

import (
	"fmt"
	"image"

	"anomem/imageio"
)

// Overlay draws a heatmap over the grey picture, at the picture's resolution. Values up to
// lo get the first colour of the palette, values from hi on the last; hotter colours cover
// more of the picture. It panics unless lo < hi, and on a map that [imageio.Map.Resize]
// refuses.
func Overlay(img *imageio.Image, heat *imageio.Map, lo, hi float32) *image.NRGBA {
	if !(lo < hi) {
		panic(fmt.Sprintf("report: Overlay: colours from %g to %g", lo, hi))
	}
	heat = heat.Resize(img.W, img.H)
	out := image.NewNRGBA(image.Rect(0, 0, img.W, img.H))
	for i, v := range heat.Value {
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

// luma returns the brightness of a pixel by ITU-R BT.601, 0 to 255.
func luma(p []byte) int {
	return (299*int(p[0]) + 587*int(p[1]) + 114*int(p[2]) + 500) / 1000
}
