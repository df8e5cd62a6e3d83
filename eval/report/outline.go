package report

import (
	"fmt"
	"image"
	"image/color"

	"anomem/imageio"
)

// MaskColour is the colour of the outlines of masks. No colour of the heatmaps is near it.
var MaskColour = color.NRGBA{0, 229, 255, 255}

// Outline draws the inner border of what a mask marks, a few pixels wide on a large
// picture. It panics unless the mask is as large as out.
func Outline(out *image.NRGBA, mask *imageio.Mask, c color.NRGBA) {
	w, h := out.Rect.Dx(), out.Rect.Dy()
	if !sized(mask, w, h) {
		panic(fmt.Sprintf("report: Outline: a mask of %d×%d for %d×%d pixels", mask.W, mask.H, w, h))
	}
	core := mask.Pix
	for range max(1, max(w, h)/256) {
		core = eroded(core, w, h)
	}
	for i, in := range mask.Pix {
		if in && !core[i] {
			out.SetNRGBA(out.Rect.Min.X+i%w, out.Rect.Min.Y+i/w, c)
		}
	}
}

// sized reports whether a mask is of w×h and has a value for each pixel.
func sized(m *imageio.Mask, w, h int) bool {
	return m.W == w && m.H == h && len(m.Pix) == w*h
}

// eroded marks the pixels of a mask whose eight neighbours are marked, too. Nothing is
// marked beyond the edges.
func eroded(marked []bool, w, h int) []bool {
	core := make([]bool, len(marked))
	for y := 1; y < h-1; y++ {
		for x := 1; x < w-1; x++ {
			all := true
			for i := (y-1)*w + x; i <= (y+1)*w+x; i += w {
				all = all && marked[i-1] && marked[i] && marked[i+1]
			}
			core[y*w+x] = all
		}
	}
	return core
}
