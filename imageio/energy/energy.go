// Package energy measures the texture energies of images (K. I. Laws, "Rapid texture
// identification", SPIE 238, 1980): how much neighbouring pixels differ, at several resolutions, in
// windows all over an image. They tell one grain from another, and see no brightness.
package energy

import (
	"math"
	"slices"

	"anomem/imageio"
	"anomem/simd"
)

const (
	levels  = 4 // resolutions, each a half of the one before
	filters = 3 // differences from the pixels around, to the right and below

	// Values is the number of energies of a window: those of the filters at the first resolution,
	// then at the next.
	Values = levels * filters
)

// Map holds the energies in square windows, which overlap by half of their side or more.
type Map struct {
	Rows, Cols int
	Value      []float32 // [Rows Cols Values]
}

// Of returns the energies of an image in windows of that many pixels a side, or as many as it
// has. An energy is the root of the mean of what a filter gives, without its sign, of the sum of
// red, green and blue. It panics if the image or the window has no pixel.
func Of(img *imageio.Image, window int) Map {
	if img.W*img.H == 0 || window < 1 {
		panic("energy: no pixel")
	}
	m := Map{Rows: windows(img.H, window), Cols: windows(img.W, window)}
	m.Value = make([]float32, m.Rows*m.Cols*Values)
	p := planeOf(img)
	for level := range levels {
		m.pool(p, max(1, window>>level), level)
		p = p.halved()
	}
	return m
}

// windows returns the number of windows along a side.
func windows(side, window int) int {
	half := max(1, window/2)
	return (max(0, side-window)+half-1)/half + 1
}

// begin returns where window i of n begins; the last one begins at last.
func begin(i, n, last int) int {
	if n == 1 {
		return 0
	}
	return (2*i*last + n - 1) / (2 * (n - 1))
}

// Window returns the first pixel of window i of n along a side of that many pixels, and the first
// one behind it.
func Window(i, n, side, window int) (lo, hi int) {
	window = min(window, side)
	lo = begin(i, n, side-window)
	return lo, lo + window
}

// pool writes the energies of a resolution. Windows have the rows in common where they overlap, so
// that each column is summed once between two rows where a window begins or ends.
func (m *Map) pool(p plane, window, level int) {
	var cuts []int
	for row := range m.Rows {
		lo, hi := Window(row, m.Rows, p.h, window)
		cuts = append(cuts, lo, hi)
	}
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)
	strips := make([]float64, (len(cuts)-1)*filters*p.w)
	f := filter(p)
	for s := range len(cuts) - 1 {
		for y := cuts[s]; y < cuts[s+1]; y++ {
			f.next(y)
			for k, v := range f.row {
				simd.ColumnSums(strips[(s*filters+k)*p.w:][:p.w], v, 1, p.w)
			}
		}
	}
	sums := make([]float64, p.w+1) // of the columns to the left
	for row := range m.Rows {
		lo, hi := Window(row, m.Rows, p.h, window)
		from, to := slices.Index(cuts, lo), slices.Index(cuts, hi)
		for k := range filters {
			for x := range p.w {
				var sum float64
				for s := from; s < to; s++ {
					sum += strips[(s*filters+k)*p.w+x]
				}
				sums[x+1] = sums[x] + sum
			}
			for col := range m.Cols {
				x0, x1 := Window(col, m.Cols, p.w, window)
				mean := (sums[x1] - sums[x0]) / float64((x1-x0)*(hi-lo))
				if k == 0 {
					mean /= blurred
				}
				m.Value[(row*m.Cols+col)*Values+level*filters+k] = float32(math.Sqrt(mean))
			}
		}
	}
}
