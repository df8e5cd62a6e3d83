package eval

import "fmt"

// Map is a value for each part of a picture, rows from the top: a heatmap, at any
// resolution.
type Map struct {
	W, H   int
	Values []float32 // W·H
}

// check panics unless m has as many values as its size says, and at least one.
func (m Map) check(name string) {
	if m.W < 1 || m.H < 1 || len(m.Values) != m.W*m.H {
		panic(fmt.Sprintf("eval: %s: %d values in a map of %d×%d", name, len(m.Values), m.W, m.H))
	}
}

// Resize returns the map at another resolution, interpolated bilinearly between the
// centres of its cells and constant beyond the outermost. It panics on a map that is
// empty or has another number of values than it says, and unless w, h > 0.
func (m Map) Resize(w, h int) Map {
	m.check("Resize")
	if w < 1 || h < 1 {
		panic(fmt.Sprintf("eval: Resize: to %d×%d", w, h))
	}
	if w == m.W && h == m.H {
		return m
	}
	to := Map{w, h, make([]float32, w*h)}
	columns := make([]between, w)
	for x := range columns {
		columns[x] = centre(x, w, m.W)
	}
	for y := range h {
		row := centre(y, h, m.H)
		upper, lower := m.Values[row.i*m.W:][:m.W], m.Values[row.j*m.W:][:m.W]
		for x, c := range columns {
			a := mix(upper[c.i], upper[c.j], c.t)
			b := mix(lower[c.i], lower[c.j], c.t)
			to.Values[y*w+x] = mix(a, b, row.t)
		}
	}
	return to
}

// between is a place between cells i and j, t of the way.
type between struct {
	i, j int
	t    float32
}

// centre returns where the centre of cell x of n lies among the centres of m cells.
func centre(x, n, m int) between {
	// (x + 1/2)·m/n - 1/2, over 2n.
	at := (2*x+1)*m - n
	i, rest := at/(2*n), at%(2*n)
	if at < 0 {
		i, rest = 0, 0
	}
	return between{i, min(i+1, m-1), float32(rest) / float32(2*n)}
}

func mix(a, b, t float32) float32 { return a + float32(t*(b-a)) }
