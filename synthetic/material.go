package synthetic

import (
	"math"

	"anomem/nn/rng"
)

// drawMaterial draws a surface that is not woven, in two colours, with features of the given
// width in pixels. at returns its colour at a pixel.
func drawMaterial(r *rng.Stream, colours [2]rgb, width float64) (name string, at func(x, y float64) rgb) {
	seed, a, b := r.Uint64(), r.Float64(), r.Float64()
	k := 1 / width
	var depth func(x, y float64) float64 // 0 for the first colour, 1 for the second
	switch r.IntN(4) {
	case 0:
		name = "brushed"
		cos, sin := direction(r)
		depth = func(x, y float64) float64 {
			u, v := mul(cos, x)+mul(sin, y), mul(cos, y)-mul(sin, x)
			return 0.5 + mul(0.5, noise(seed, mul(u, mul(0.06, k)), mul(v, mul(2, k)))) + mul(0.3, noise(seed+1, mul(u, mul(0.1, k)), mul(v, mul(4, k))))
		}
	case 1:
		name = "pebbled"
		depth = func(x, y float64) float64 { return mul(1.4, cell(seed, mul(x, mul(0.6, k)), mul(y, mul(0.6, k)))) }
	case 2:
		name = "perforated"
		depth = func(x, y float64) float64 {
			// Rows of holes, every other one shifted by half of their distance.
			v := mul(y, mul(0.55, k)) + b
			u := mul(x, mul(0.48, k)) + a + mul(0.5, float64(int(math.Floor(v))&1))
			return clamp(mul(mul(2, width), 0.36-length(fract(u)-0.5, fract(v)-0.5))+0.5, 0, 1)
		}
	default:
		name = "marbled"
		depth = func(x, y float64) float64 {
			n := noise(seed, mul(x, mul(0.25, k)), mul(y, mul(0.25, k))) + mul(0.5, noise(seed+1, mul(x, mul(0.6, k)), mul(y, mul(0.6, k))))
			return 1 - smooth(mul(3, math.Abs(n)))
		}
	}
	return name, func(x, y float64) rgb { return colours[0].mix(colours[1], depth(x, y)) }
}

// cell returns the distance from the nearest of random points, one in each square of a
// lattice (Worley, A cellular texture basis function, SIGGRAPH 1996).
func cell(seed uint64, x, y float64) float64 {
	i, j := int(math.Floor(x)), int(math.Floor(y))
	least := math.Inf(1)
	for dj := -1; dj <= 1; dj++ {
		for di := -1; di <= 1; di++ {
			px := float64(i+di) + 0.5 + mul(0.4, uniform(seed, i+di, j+dj))
			py := float64(j+dj) + 0.5 + mul(0.4, uniform(seed+1, i+di, j+dj))
			least = min(least, length(x-px, y-py))
		}
	}
	return least
}
