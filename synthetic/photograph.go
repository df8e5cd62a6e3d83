package synthetic

import (
	"math"

	"anomem/nn/rng"
)

// photograph is an inspection photograph before the camera. Lengths are those of a picture
// of 1024 pixels and scale with its size.
type photograph struct {
	canvas *canvas
	unit   float64
	lx, ly float64                        // towards the light
	free   func(x, y, reach float64) bool // whether a defect can be here
}

// flaw draws a defect of the kind, about 20 pixels wide, where one can be.
func (p *photograph) flaw(r *rng.Stream, kind Kind) {
	c, size := p.canvas, float64(p.canvas.w)
	x, y := mul(size, between(r, 0.05, 0.95)), mul(size, between(r, 0.05, 0.95))
	for !p.free(x, y, mul(p.unit, 16)) {
		x, y = mul(size, between(r, 0.05, 0.95)), mul(size, between(r, 0.05, 0.95))
	}
	long := func(a, b float64) float64 { return mul(p.unit, between(r, a, b)) }
	switch kind {
	case Scratch:
		c.scratch(r, x, y, long(20, 30), long(1.3, 2))
	case Pit:
		c.pit(r, x, y, long(8, 11), p.lx, p.ly)
	case Stain:
		c.stain(r, x, y, long(9, 12))
	case Thread:
		c.thread(r, x, y, long(40, 56), long(1.2, 1.8), p.lx, p.ly)
	}
}

// drawStudio draws the camera of a photograph, with better light and a better sensor.
func drawStudio(r *rng.Stream) camera {
	c := camera{
		contrast:    between(r, 0.75, 1),
		brightness:  between(r, -0.06, 0.06),
		falloff:     between(r, 0, 0.35),
		noise:       between(r, 0.005, 0.018),
		colourNoise: between(r, 0.2, 0.6),
		seed:        r.Uint64(),
	}
	c.dx, c.dy = direction(r)
	return c
}

// newCloth draws a photograph of cloth. The product's stream draws its threads and dyes,
// which are the same in every photograph.
func newCloth(product, r *rng.Stream, size int) photograph {
	unit, c := float64(size)/1024, newCanvas(size)
	w := drawWeave(product, mul(unit, 13))
	w.clouds, w.uneven = mul(0.3, w.clouds), mul(0.4, w.uneven)
	w.x, w.y, w.seed = mul(unit, between(r, 0, 100)), mul(unit, between(r, 0, 100)), r.Uint64()
	w.cos, w.sin = turn(between(r, -0.03, 0.03)) // ±3°
	w.lx, w.ly = direction(r)
	w.draw(c, plain)
	return photograph{c, unit, w.lx, w.ly, func(x, y, reach float64) bool { return true }}
}

// newPlate draws a photograph of a machined plate on a bench: brushed, with a bore in each
// corner, a turned groove in the middle and a slot at the top. The product's stream draws the
// metal and the groove, which are the same in every photograph.
func newPlate(product, r *rng.Stream, size int) photograph {
	unit, c := float64(size)/1024, newCanvas(size)
	half := float64(size) / 2
	x0, y0 := half+mul(unit, between(r, -25, 25)), half+mul(unit, between(r, -25, 25))
	scale := mul(unit, between(r, 425, 460))  // pixels of half a plate
	cos, sin := turn(between(r, -0.03, 0.03)) // ±3°
	lx, ly := direction(r)
	seed := r.Uint64()
	metal := hsv(between(product, 0, 6), between(product, 0.02, 0.14), between(product, 0.54, 0.68)).shade(between(r, -0.04, 0.04))
	bench := hsv(between(product, 0, 6), between(product, 0.05, 0.4), between(product, 0.18, 0.32)).shade(between(r, -0.04, 0.04))
	finish, sheen := between(r, 0.05, 0.11), between(r, 0.03, 0.08)
	body, bore, slot := box(0, 0, 1, 1, 0.09), disc(0.8, 0.8, 0.075), box(0, -0.82, 0.16, 0.045, 0.045)
	ring, groove := between(product, 0.36, 0.46), 0.012
	at := func(x, y float64) (u, v float64) {
		x, y = (x-x0)/scale, (y-y0)/scale
		return mul(cos, x) + mul(sin, y), mul(cos, y) - mul(sin, x)
	}
	outline := func(u, v float64) float64 {
		return max(body(u, v), -bore(math.Abs(u), math.Abs(v)), -slot(u, v))
	}
	// trench returns the distance from the groove's edge, negative inside the groove.
	trench := func(u, v float64) float64 { return math.Abs(length(u, v)-ring) - groove }
	lu, lv := at(x0+lx, y0+ly) // a pixel to the light
	du, dv := mul(lu, mul(9, unit)), mul(lv, mul(9, unit))
	edge := mul(5, unit) // pixels of an edge's bevel
	c.paint(func(x, y float64) rgb {
		u, v := at(x, y)
		d := mul(outline(u, v), scale)
		var ground rgb
		if d > -0.5 {
			rough := noise(seed, x/mul(7, unit), y/mul(7, unit)) + noise(seed+1, x/mul(2.5, unit), y/mul(2.5, unit))
			ground = bench.shade(mul(0.03, rough))
			dark := smooth(0.5 - mul(outline(u+du, v+dv), mul(scale, 0.06))/unit)
			ground = ground.times(1 - mul(0.6, dark))
			if d >= 0.5 {
				return ground
			}
		}
		// Lines across the plate, long and short, and a sheen that comes and goes.
		lines := noise(seed+2, mul(u, 5), mul(v, 230)) + mul(0.7, noise(seed+3, mul(u, 14), mul(v, 420)))
		cloud := noise(seed+4, mul(1.5, u), mul(3, v))
		shade := mul(lines, finish) + mul(cloud, sheen)
		slope := 0.0
		if t := mul(trench(u, v), scale); t < 1 {
			slope = mul(mul(trench(u+lu, v+lv), scale)-t, clamp(0.5-t, 0, 1))
			shade -= mul(0.10, clamp(0.5-t, 0, 1))
		}
		if d > -edge {
			slope += mul(mul(outline(u+lu, v+lv), scale)-d, 1+d/edge)
		}
		return metal.shade(shade+mul(0.22, slope)).mix(ground, clamp(0.5+d, 0, 1))
	})
	return photograph{c, unit, lx, ly, func(x, y, reach float64) bool {
		u, v := at(x, y)
		return max(outline(u, v), -trench(u, v)) < -reach/scale
	}}
}
