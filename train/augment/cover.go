package augment

import (
	"image"
	"math"
)

// cover sets dst [n n] to the share of each cell of a view that mask marks, which belongs
// to an image w pixels wide; nil marks nothing.
func (d *draws) cover(dst []float32, mask []bool, w int) {
	clear(dst)
	if mask == nil {
		return
	}
	n := int(math.Sqrt(float64(len(dst))))
	start, right, down := turned(n, n, d.turn)
	for y := range n {
		y0, y1 := span(d.crop.Min.Y, d.crop.Dy(), y, n)
		for x := range n {
			from := x
			if d.mirror {
				from = n - 1 - x
			}
			x0, x1 := span(d.crop.Min.X, d.crop.Dx(), from, n)
			marked := 0
			for v := y0; v < y1; v++ {
				for _, m := range mask[v*w+x0 : v*w+x1] {
					if m {
						marked++
					}
				}
			}
			dst[start+x*right+y*down] = float32(marked) / float32((y1-y0)*(x1-x0))
		}
	}
}

// span is what part i of n of size pixels from lo on covers, at least in part.
func span(lo, size, i, n int) (from, to int) {
	return lo + i*size/n, lo + ((i+1)*size+n-1)/n
}

// boundsOf is the smallest rectangle around what mask marks of an image w pixels wide.
func boundsOf(mask []bool, w int) (r image.Rectangle) {
	for i, m := range mask {
		if m {
			r = r.Union(image.Rect(i%w, i/w, i%w+1, i/w+1))
		}
	}
	return r
}

// Cover sets dst [n n] to the share of each of n×n cells of a w×h image that mask marks;
// nil marks nothing.
func Cover(dst []float32, mask []bool, w, h int) {
	d := draws{crop: image.Rect(0, 0, w, h)}
	d.cover(dst, mask, w)
}
