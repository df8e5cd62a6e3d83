package imageio

import (
	"cmp"
	"image"
	"slices"
)

// Region is a connected part of a map whose values are above a threshold.
type Region struct {
	Bounds image.Rectangle // the smallest rectangle around it
	Area   int             // its pixels
	Peak   float32         // its largest value
	At     image.Point     // where that is
}

// Regions returns the connected parts (of eight neighbours) of the map whose values are
// above the threshold, from the highest peak; of equal ones in the order of rows.
func (m *Map) Regions(threshold float32) []Region {
	m.check("Regions")
	seen := make([]bool, len(m.Value))
	var regions []Region
	var queue []int
	for start, v := range m.Value {
		if seen[start] || !(v > threshold) {
			continue
		}
		r := Region{Peak: v, At: image.Pt(start%m.W, start/m.W)}
		seen[start] = true
		for queue = append(queue[:0], start); len(queue) > 0; {
			at := queue[len(queue)-1]
			queue = queue[:len(queue)-1]
			x, y := at%m.W, at/m.W
			r.Area++
			r.Bounds = r.Bounds.Union(image.Rect(x, y, x+1, y+1))
			if p := m.Value[at]; p > r.Peak || p == r.Peak && at < r.At.Y*m.W+r.At.X {
				r.Peak, r.At = p, image.Pt(x, y)
			}
			for ny := max(0, y-1); ny <= min(m.H-1, y+1); ny++ {
				for nx := max(0, x-1); nx <= min(m.W-1, x+1); nx++ {
					if n := ny*m.W + nx; !seen[n] && m.Value[n] > threshold {
						seen[n] = true
						queue = append(queue, n)
					}
				}
			}
		}
		regions = append(regions, r)
	}
	slices.SortStableFunc(regions, func(a, b Region) int { return cmp.Compare(b.Peak, a.Peak) })
	return regions
}
