package augment

import (
	"image"
	"math"

	"anomem/imageio"
)

// coverSquare is cover for a grid [n n].
func (d *draws) coverSquare(dst []float32, mask *imageio.Mask) {
	n := int(math.Sqrt(float64(len(dst))))
	d.cover(Grid{n, n, dst}, mask)
}

// cover sets g to the share of each cell of a view that the image's mask marks; a nil mask
// marks nothing.
func (d *draws) cover(g Grid, mask *imageio.Mask) {
	dst := g.Value
	clear(dst)
	if mask == nil {
		return
	}
	start, right, down := turned(g.Cols, g.Rows, d.turn)
	for y := range g.Rows {
		y0, y1 := span(d.crop.Min.Y, d.crop.Dy(), y, g.Rows)
		for x := range g.Cols {
			from := x
			if d.mirror {
				from = g.Cols - 1 - x
			}
			x0, x1 := span(d.crop.Min.X, d.crop.Dx(), from, g.Cols)
			marked := 0
			for v := y0; v < y1; v++ {
				for _, m := range mask.Pix[v*mask.W+x0 : v*mask.W+x1] {
					if m {
						marked++
					}
				}
			}
			dst[start+x*right+y*down] = float32(marked) / float32((y1-y0)*(x1-x0))
		}
	}
}

// span returns the pixels that part i, of n, of size pixels from lo touches.
func span(lo, size, i, n int) (from, to int) {
	return lo + i*size/n, lo + ((i+1)*size+n-1)/n
}

// Cover sets dst [n n] to the share of each of n×n cells of an image that mask marks; a
// nil mask marks nothing.
func Cover(dst []float32, mask *imageio.Mask) {
	var d draws
	if mask != nil {
		d.crop = image.Rect(0, 0, mask.W, mask.H)
	}
	d.coverSquare(dst, mask)
}

// turned returns the index of cell (0, 0), of w×h cells, after a turn counter-clockwise by
// quarters·90°, and the changes of the index for a step right and a step down.
func turned(w, h, quarters int) (start, right, down int) {
	switch quarters & 3 {
	case 1:
		return (w - 1) * h, -h, 1
	case 2:
		return w*h - 1, -1, -w
	case 3:
		return h - 1, h, -1
	}
	return 0, 1, w
}
