package loss

import (
	"fmt"

	"anomem/nn/rng"
)

// Sample draws the Ω of eq. 7: it appends to dst ⌊h·w·ratio⌋ different positions of an
// h×w map, with equal probability for each set. It panics unless ratio lies in [0, 1] and
// the map has no negative side.
func Sample(dst []Position, h, w int, ratio float64, r rng.Stream) []Position {
	if h < 0 || w < 0 || !(ratio >= 0 && ratio <= 1) {
		panic(fmt.Sprintf("loss: Sample: ratio %g of a %d×%d map", ratio, h, w))
	}
	n := SampleSize(h, w, ratio)
	start := len(dst)
	for y := range h {
		for x := range w {
			dst = append(dst, Position{y, x})
		}
	}
	all := dst[start:]
	for i := range n {
		j := i + r.IntN(len(all)-i)
		all[i], all[j] = all[j], all[i]
	}
	return dst[:start+n]
}

// SampleSize returns ⌊h·w·ratio⌋ for ratio as written in decimal: 0.29 of 100 positions
// are 29, although the float64 nearest 0.29 is slightly less.
func SampleSize(h, w int, ratio float64) int {
	return int(float64(float64(h*w)*ratio) + 1e-9)
}
