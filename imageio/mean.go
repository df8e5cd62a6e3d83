package imageio

// Means returns the mean colours of w×h equal parts of an image, weighted by area
// [h w 3]: red, green and blue, from 0 to 255, rows from the top. There may be more
// parts than pixels.
//
// Lengths are counted in 1/w of a pixel across and 1/h down. So all sums are whole
// numbers, and only the quotient is rounded.
func (m *Image) Means(w, h int) []float64 {
	mean := make([]float64, 0, 3*w*h)
	m.meanRows(w, h, func(row []float64) { mean = append(mean, row...) })
	return mean
}

// meanRows passes what Means returns row by row: [w 3], valid until see returns. It holds no
// more than a row, as the means of a large image may outweigh it.
func (m *Image) meanRows(w, h int, see func(row []float64)) {
	across := make([]uint64, 3*w) // sums over a row of pixels, in 1/w of a pixel
	sums := make([]uint64, 3*w)   // over the pixels of a row of parts
	mean := make([]float64, 3*w)
	area := float64(m.W) * float64(m.H)
	finish := func() {
		for i, s := range sums {
			mean[i] = float64(s) / area
		}
		see(mean)
		clear(sums)
	}
	at := 0 // the row of parts that sums is of
	for y := range m.H {
		clear(across)
		row := m.Pix[3*y*m.W:][:3*m.W]
		shares(m.W, w, 0, m.W, func(x, part int, length uint64) {
			for c := range 3 {
				across[3*part+c] += length * uint64(row[3*x+c])
			}
		})
		shares(m.H, h, y, y+1, func(_, part int, length uint64) {
			if part > at {
				finish()
				at = part
			}
			for i, v := range across {
				sums[i] += length * v
			}
		})
	}
	finish()
}

// shares divides n pixels into m equal parts. It calls f for each of the pixels first to
// last-1 and each part that it touches, with the length that they share, in 1/m of a
// pixel.
func shares(n, m, first, last int, f func(pixel, part int, length uint64)) {
	for i := first; i < last; i++ {
		// Pixel i extends from i·m to (i+1)·m, part p from p·n to (p+1)·n.
		for at, end := i*m, (i+1)*m; at < end; {
			p := at / n
			next := min((p+1)*n, end)
			f(i, p, uint64(next-at))
			at = next
		}
	}
}

// Shrink returns the image at no more than side pixels along its longer side, in the same
// proportions: m itself if it fits, else its means by area.
func (m *Image) Shrink(side int) *Image {
	long := max(m.W, m.H)
	if long <= side {
		return m
	}
	to := NewImage(max(1, (m.W*side+long/2)/long), max(1, (m.H*side+long/2)/long))
	at := 0
	m.meanRows(to.W, to.H, func(row []float64) {
		for _, v := range row {
			to.Pix[at] = byte(v + 0.5)
			at++
		}
	})
	return to
}
