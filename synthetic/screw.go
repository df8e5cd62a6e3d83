package synthetic

import (
	"math"

	"anomem/nn/rng"
)

// The parts of a screw along its axis, in pixels of a picture of 1024: the head from 0, and
// where neck, thread, tip and nothing begin.
const (
	screwNeck   = 95
	screwThread = 285
	screwTip    = 550
	screwEnd    = 640
	screwPitch  = 34
)

// screwRadius returns the radius of a screw at u, where ridge is 0 between two ridges of the
// thread and 1 on one; less than 0 beyond its ends.
func screwRadius(u, ridge float64) float64 {
	thread := 27 + mul(16, ridge)
	switch {
	case u < 0 || u >= screwEnd:
		return -screwPitch
	case u < screwNeck:
		t := u / screwNeck
		return mul(96, math.Sqrt(1-mul(0.75, mul(t, t))))
	case u < screwThread:
		return 31
	case u < screwTip:
		return thread
	}
	return mul(thread, (screwEnd-u)/(screwEnd-screwTip))
}

// newScrew draws a photograph of a screw on a light table, in any pose. Its thread begins
// anywhere. The product's stream draws the metal, which is the same in every photograph.
func newScrew(product, r *rng.Stream, size int) photograph {
	unit, c := float64(size)/1024, newCanvas(size)
	x0, y0 := float64(size)/2+mul(unit, between(r, -40, 40)), float64(size)/2+mul(unit, between(r, -40, 40))
	cos, sin := direction(r)
	lx, ly := direction(r)
	phase, seed := r.Float64(), r.Uint64()
	metal := hsv(between(product, 0, 6), between(product, 0.02, 0.12), between(product, 0.4, 0.5)).shade(between(r, -0.03, 0.03))
	table := hsv(between(product, 0, 6), between(product, 0.01, 0.06), between(product, 0.74, 0.84)).shade(between(r, -0.03, 0.03))
	finish := between(r, 0.015, 0.03)
	at := func(x, y float64) (u, v float64) { // along and across, in pixels of 1024
		x, y = (x-x0)/unit, (y-y0)/unit
		return mul(cos, x) + mul(sin, y) + screwEnd/2, mul(cos, y) - mul(sin, x)
	}
	ridge := func(u, v float64) float64 {
		return mul(2, math.Abs(fract((u+mul(0.25, v))/screwPitch+phase)-0.5))
	}
	radius := func(u, v float64) float64 { return screwRadius(u, ridge(u, v)) }
	lu, lv := mul(cos, lx)+mul(sin, ly), mul(cos, ly)-mul(sin, lx)
	c.paint(func(x, y float64) rgb {
		u, v := at(x, y)
		rough := noise(seed, x/mul(6, unit), y/mul(6, unit))
		ground := table.shade(mul(0.012, rough))
		over := math.Abs(v+mul(9, lv)) - radius(u+mul(9, lu), 0)
		ground = ground.times(1 - mul(0.3, smooth(0.5-over/30)))
		rad := radius(u, v)
		cover := clamp(mul(unit, rad-math.Abs(v))+0.5, 0, 1)
		if cover == 0 {
			return ground
		}
		across := clamp(v/max(rad, 1), -1, 1)
		round := math.Sqrt(1 - mul(across, across))
		shade := mul(0.28, round-0.6) + mul(0.16, mul(across, lv)) + mul(finish, noise(seed+1, u/14, v/14)+noise(seed+2, u/4, v/4))
		if u >= screwThread {
			shade += mul(0.2, ridge(u, v)-0.5)
		}
		return ground.mix(metal.shade(shade), cover)
	})
	return photograph{c, unit, lx, ly, func(x, y, reach float64) bool {
		u, v := at(x, y)
		reach /= unit
		return u > reach && u < screwTip && math.Abs(v)+reach < screwRadius(u, 0)
	}}
}
