package synthetic

import (
	"math"

	"anomem/nn/rng"
)

// drawPattern draws another pattern of a bracket's two paints: the second where coat is
// negative. period is in the object's units.
func drawPattern(r *rng.Stream, period float64) (name string, coat shape) {
	a, b := r.Float64(), r.Float64() // phases
	k := 1 / period
	stripes := func(u, _ float64) float64 { return mul(wave(mul(u, k)+a), period/4) }
	switch r.IntN(5) {
	case 0:
		return "stripes", stripes
	case 1:
		return "diagonal", rotated(stripes, cos45, sign(r)*cos45)
	case 2:
		return "checks", func(u, v float64) float64 {
			x, y := wave(mul(u, k)+a), wave(mul(v, k)+b)
			return mul(math.Copysign(min(math.Abs(x), math.Abs(y)), x*y), period/3)
		}
	case 3:
		return "dots", func(u, v float64) float64 {
			x, y := fract(mul(u, mul(0.85, k))+a)-0.5, fract(mul(v, mul(0.85, k))+b)-0.5
			return mul(length(x, y)-0.38, period)
		}
	default:
		seed := r.Uint64()
		return "blotches", func(u, v float64) float64 {
			return mul(noise(seed, mul(u, mul(1.8, k)), mul(v, mul(1.8, k))), period/2)
		}
	}
}
