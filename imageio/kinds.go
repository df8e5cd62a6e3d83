package imageio

// leastArea is the fewest pixels of an area of one number. Noise has smaller ones.
const leastArea = 4

// straying is how far good JPEG strays from a value.
const straying = 4 * 257

// findKinds decides which weak values are numbers of kinds of defects.
func (m *marker) findKinds() {
	pixels, inAreas, enclosed := make([]int, len(m.weak)), make([]int, len(m.weak)), make([]int, len(m.weak))
	seen := make([]bool, len(m.class))
	var area []int
	for i, c := range m.class {
		if c == behind || c == aStrong || seen[i] {
			continue
		}
		area = m.area(area[:0], i, seen)
		edge := 0
		for _, j := range area {
			less, more := m.beside(j)
			if more {
				edge++
			}
			if more && !less {
				enclosed[c-1]++
			}
		}
		pixels[c-1] += len(area)
		if len(area) >= leastArea && 2*edge < len(area) {
			inAreas[c-1] += len(area)
		}
	}
	all, allEnclosed := 0, 0
	for k := range m.weak {
		all, allEnclosed = all+pixels[k], allEnclosed+enclosed[k]
	}
	for k := range m.weak {
		few := 2
		if m.weak[k].from <= straying {
			few = 10
		}
		m.weak[k].marks = few*(pixels[k]-inAreas[k]) < pixels[k] ||
			4*allEnclosed > all && enclosed[k] >= leastArea && 4*enclosed[k] > pixels[k]
	}
}

// area appends the connected pixels of the class of pixel i. Corners connect.
func (m *marker) area(area []int, i int, seen []bool) []int {
	seen[i] = true
	area = append(area, i)
	for k := 0; k < len(area); k++ {
		m.around(area[k], func(j int) {
			if !seen[j] && m.class[j] == m.class[i] {
				seen[j] = true
				area = append(area, j)
			}
		})
	}
	return area
}

// beside reports whether the eight pixels around i hold one that differs less from the
// background, and one that differs more.
func (m *marker) beside(i int) (less, more bool) {
	from := m.weak[m.class[i]-1].from
	m.around(i, func(j int) {
		switch c := m.class[j]; c {
		case behind:
			less = true
		case aStrong:
			more = true
		default:
			less = less || m.weak[c-1].from < from
			more = more || m.weak[c-1].from > from
		}
	})
	return less, more
}

// around calls f for the pixels around pixel i.
func (m *marker) around(i int, f func(j int)) {
	x, y := i%m.w, i/m.w
	for v := max(y-1, 0); v <= min(y+1, m.h-1); v++ {
		for u := max(x-1, 0); u <= min(x+1, m.w-1); u++ {
			if u != x || v != y {
				f(v*m.w + u)
			}
		}
	}
}
