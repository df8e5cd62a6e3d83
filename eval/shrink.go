package eval

import "anomem/imageio"

// thumbnail returns the means of the w×h equal parts of a picture, by area: w·h times
// red, green and blue, from 0 to 255. A picture that is smaller is enlarged.
//
// Lengths are counted in 1/w of a pixel across and 1/h down, so that all parts of
// pixels are whole numbers, and the one rounding is the quotient's.
func thumbnail(img *imageio.Image, w, h int) []float64 {
	across := make([]uint64, 3*w) // of a row of pixels, in 1/w of a pixel
	sums := make([]uint64, 3*w*h)
	for y := range img.H {
		clear(across)
		row := img.Pix[3*y*img.W:][:3*img.W]
		spread(img.W, w, func(x, part int, length uint64) {
			for c := range 3 {
				across[3*part+c] += length * uint64(row[3*x+c])
			}
		}, 0, img.W)
		spread(img.H, h, func(_, part int, length uint64) {
			into := sums[3*w*part:][:3*w]
			for i, v := range across {
				into[i] += length * v
			}
		}, y, y+1)
	}
	mean := make([]float64, len(sums))
	area := float64(img.W) * float64(img.H)
	for i, s := range sums {
		mean[i] = float64(s) / area
	}
	return mean
}

// spread calls f for each of the pixels from to to-1, of n, and each of the m equal
// parts that it touches, with the length they share, in 1/m of a pixel.
func spread(n, m int, f func(pixel, part int, length uint64), from, to int) {
	for i := from; i < to; i++ {
		// Pixel i is from i·m to (i+1)·m, part p from p·n to (p+1)·n.
		for at, end := i*m, (i+1)*m; at < end; {
			p := at / n
			next := min((p+1)*n, end)
			f(i, p, uint64(next-at))
			at = next
		}
	}
}

// reduced returns a picture of at most side pixels either way: img itself where it
// is no larger, and else its means by area.
func reduced(img *imageio.Image, side int) *imageio.Image {
	if max(img.W, img.H) <= side {
		return img
	}
	long := max(img.W, img.H)
	to := imageio.NewImage(max(1, (img.W*side+long/2)/long), max(1, (img.H*side+long/2)/long))
	for i, v := range thumbnail(img, to.W, to.H) {
		to.Pix[i] = byte(v + 0.5)
	}
	return to
}
