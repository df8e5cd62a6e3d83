// Package energy measures the texture energies of images (K. I. Laws, "Rapid texture
// identification", SPIE 238, 1980): how much neighbouring pixels differ, at several resolutions, in
// windows all over an image. They tell one grain from another, and see no brightness.
package energy

import (
	"math"

	"anomem/imageio"
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
	p := plane{img.W, img.H, make([]float32, img.W*img.H)}
	for i := range p.v {
		p.v[i] = float32(int(img.Pix[3*i]) + int(img.Pix[3*i+1]) + int(img.Pix[3*i+2]))
	}
	m := Map{Rows: windows(img.H, window), Cols: windows(img.W, window)}
	m.Value = make([]float32, m.Rows*m.Cols*Values)
	for level := range levels {
		for f, filtered := range [filters]plane{p.minus(p.blurred().blurred()), p.minus(p.moved(1, 0)), p.minus(p.moved(0, 1))} {
			m.pool(filtered, max(1, window>>level), level*filters+f)
		}
		p = p.halved()
	}
	return m
}

// windows returns the number of windows along a side.
func windows(side, window int) int {
	half := max(1, window/2)
	return (max(0, side-window)+half-1)/half + 1
}

// pool writes value k of all windows: the root of the mean of a filter's absolute values.
func (m *Map) pool(p plane, window, k int) {
	sums := p.sums()
	w, h := min(window, p.w), min(window, p.h)
	for row := range m.Rows {
		y := begin(row, m.Rows, p.h-h)
		for col := range m.Cols {
			x := begin(col, m.Cols, p.w-w)
			at := func(x, y int) float64 { return sums[y*(p.w+1)+x] }
			sum := (at(x+w, y+h) - at(x, y+h)) - (at(x+w, y) - at(x, y))
			m.Value[(row*m.Cols+col)*Values+k] = float32(math.Sqrt(max(0, sum) / float64(w*h)))
		}
	}
}

// begin returns where window i of n begins; the last one begins at last.
func begin(i, n, last int) int {
	if n == 1 {
		return 0
	}
	return (2*i*last + n - 1) / (2 * (n - 1))
}
