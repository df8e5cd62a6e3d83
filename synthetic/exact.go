package synthetic

import (
	"math"

	"anomem/nn/rng"
)

// mul returns x·y, rounded. Compilers may fuse x*y + z, which changes bits; they must not
// fuse mul(x, y) + z.
func mul(x, y float64) float64 { return float64(x * y) }

// lerp interpolates between a, at t = 0, and b, at t = 1.
func lerp(a, b, t float64) float64 { return a + mul(b-a, t) }

func clamp(x, low, high float64) float64 { return max(low, min(x, high)) }

// smooth rises from 0 to 1 as t does, without a kink at either end: 3t² - 2t³.
func smooth(t float64) float64 {
	t = clamp(t, 0, 1)
	return mul(mul(t, t), 3-mul(2, t))
}

// fract returns the fractional part of x, in [0, 1).
func fract(x float64) float64 { return x - math.Floor(x) }

// wave approximates the sine of 2πx within 0.06, by two parabolas a period.
func wave(x float64) float64 {
	g := mul(2, fract(x)) - 1
	return mul(-4, mul(g, 1-math.Abs(g)))
}

func length(x, y float64) float64 { return math.Sqrt(mul(x, x) + mul(y, y)) }

// between draws a number from [a, b).
func between(r *rng.Stream, a, b float64) float64 { return lerp(a, b, r.Float64()) }

// sign draws -1 or 1.
func sign(r *rng.Stream) float64 { return float64(2*r.IntN(2) - 1) }

// direction draws a unit vector uniformly: a point of the disc, moved to its rim.
func direction(r *rng.Stream) (x, y float64) {
	for {
		x, y = between(r, -1, 1), between(r, -1, 1)
		if l := length(x, y); l > 0.1 && l <= 1 {
			return x / l, y / l
		}
	}
}

// turn returns the cosine and sine of the angle whose half has the tangent t.
func turn(t float64) (cos, sin float64) {
	tt := mul(t, t)
	return (1 - tt) / (1 + tt), mul(2, t) / (1 + tt)
}
