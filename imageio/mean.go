package imageio

// Means returns the mean colours of the w×h equal parts of an image, by area: red, green
// and blue of each part, from 0 to 255, rows from the top. An image with fewer pixels
// than parts is enlarged.
//
// Lengths are counted in 1/w of a pixel across and 1/h down, so that all parts of pixels
// are whole numbers, and the one rounding is the quotient's.
func (m *Image) Means(w, h int) []float64 {
	across := make([]uint64, 3*w) // of a row of pixels, in 1/w of a pixel
	sums := make([]uint64, 3*w*h)
	for y := range m.H {
		clear(across)
		row := m.Pix[3*y*m.W:][:3*m.W]
		shares(m.W, w, 0, m.W, func(x, part int, length uint64) {
			for c := range 3 {
				across[3*part+c] += length * uint64(row[3*x+c])
			}
		})
		shares(m.H, h, y, y+1, func(_, part int, length uint64) {
			into := sums[3*w*part:][:3*w]
			for i, v := range across {
				into[i] += length * v
			}
		})
	}
	mean := make([]float64, len(sums))
	area := float64(m.W) * float64(m.H)
	for i, s := range sums {
		mean[i] = float64(s) / area
	}
	return mean
}

// shares calls f for each of the pixels first to last-1, of n, and each of the parts, m
// equal ones, that it touches, with the length they share, in 1/m of a pixel.
func shares(n, m, first, last int, f func(pixel, part int, length uint64)) {
	for i := first; i < last; i++ {
		// Pixel i is from i·m to (i+1)·m, part p from p·n to (p+1)·n.
		for at, end := i*m, (i+1)*m; at < end; {
			p := at / n
			next := min((p+1)*n, end)
			f(i, p, uint64(next-at))
			at = next
		}
	}
}

// Shrink returns an image of at most side pixels either way, with the same proportions:
// m itself if it is no larger, and else its means by area.
func (m *Image) Shrink(side int) *Image {
	long := max(m.W, m.H)
	if long <= side {
		return m
	}
	to := NewImage(max(1, (m.W*side+long/2)/long), max(1, (m.H*side+long/2)/long))
	for i, v := range m.Means(to.W, to.H) {
		to.Pix[i] = byte(v + 0.5)
	}
	return to
}
