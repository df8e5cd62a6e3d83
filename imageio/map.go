package imageio

import (
	"fmt"
	"math"
)

// Map is a heatmap: a value for each cell of a grid over an image, rows from the top, at
// any resolution.
type Map struct {
	W, H  int
	Value []float32 // W·H; larger is more anomalous
}

// check panics unless m has W·H values, and at least one.
func (m *Map) check(name string) {
	if m.W < 1 || m.H < 1 || len(m.Value) != m.W*m.H {
		panic(fmt.Sprintf("imageio: Map.%s: %d values in a map of %d×%d", name, len(m.Value), m.W, m.H))
	}
}

// Range returns the smallest and the largest value. It panics unless m has W·H values,
// and at least one.
func (m *Map) Range() (lo, hi float32) {
	m.check("Range")
	lo, hi = m.Value[0], m.Value[0]
	for _, v := range m.Value {
		lo, hi = min(lo, v), max(hi, v)
	}
	return lo, hi
}

// Above returns a mask of the values above a threshold. It panics where Range does.
func (m *Map) Above(threshold float32) *Mask {
	m.check("Above")
	mask := NewMask(m.W, m.H)
	for i, v := range m.Value {
		mask.Pix[i] = v > threshold
	}
	return mask
}

// Resize returns the map at w×h, interpolated bilinearly between the centres of its
// cells and constant beyond the outermost centres. At its own size it returns m itself.
// It panics where Range does, and unless w, h > 0.
func (m *Map) Resize(w, h int) *Map {
	m.check("Resize")
	if w < 1 || h < 1 {
		panic(fmt.Sprintf("imageio: Map.Resize: to %d×%d", w, h))
	}
	if w == m.W && h == m.H {
		return m
	}
	to := &Map{W: w, H: h, Value: make([]float32, w*h)}
	columns := make([]between, w)
	for x := range columns {
		columns[x] = betweenCentres(x, w, m.W)
	}
	for y := range h {
		row := betweenCentres(y, h, m.H)
		upper, lower := m.Value[row.i*m.W:][:m.W], m.Value[row.j*m.W:][:m.W]
		for x, c := range columns {
			a := mix(upper[c.i], upper[c.j], c.t)
			b := mix(lower[c.i], lower[c.j], c.t)
			to.Value[y*w+x] = mix(a, b, row.t)
		}
	}
	return to
}

// Shrink returns the map at w×h, no larger than it is. Each value is the largest of those
// that fall into its part, so that no small peak vanishes. Shrink panics where Range does,
// and unless 0 < w <= m.W and 0 < h <= m.H.
func (m *Map) Shrink(w, h int) *Map {
	m.check("Shrink")
	if w < 1 || h < 1 || w > m.W || h > m.H {
		panic(fmt.Sprintf("imageio: Map.Shrink: from %d×%d to %d×%d", m.W, m.H, w, h))
	}
	to := &Map{W: w, H: h, Value: make([]float32, w*h)}
	for i := range to.Value {
		to.Value[i] = float32(math.Inf(-1))
	}
	for y := range m.H {
		row, out := m.Value[y*m.W:][:m.W], to.Value[y*h/m.H*w:][:w]
		for x, v := range row {
			if at := x * w / m.W; v > out[at] {
				out[at] = v
			}
		}
	}
	return to
}

// between is a place between cells i and j, t of the way.
type between struct {
	i, j int
	t    float32
}

// betweenCentres returns the place of the centre of cell x, of n, among the centres of m
// cells on the same length.
func betweenCentres(x, n, m int) between {
	// (x + 1/2)·m/n - 1/2, over 2n.
	at := (2*x+1)*m - n
	i, rest := at/(2*n), at%(2*n)
	if at < 0 {
		i, rest = 0, 0
	}
	return between{i, min(i+1, m-1), float32(rest) / float32(2*n)}
}

func mix(a, b, t float32) float32 { return a + float32(t*(b-a)) }
