package synthetic

import "anomem/nn/rng"

// markAt is the least cover with which a pixel belongs to a defect's mask.
const markAt = 0.4

// scratch draws a line, bright on a dark surface and dark on a bright one, with a lip along
// its side that catches the light.
func (c *canvas) scratch(r *rng.Stream, x, y, size, half float64) {
	path := drawCurve(r, x, y, size, 0.06, between(r, 0, 0.05))
	strength := between(r, 0.40, 0.52)
	lip := make([]point, len(path))
	for i, p := range path {
		lip[i] = point{p.x + mul(1.2, half), p.y + mul(1.2, half)}
	}
	s := -1.0
	if i := clampInt(int(y), c.h)*c.w + clampInt(int(x), c.w); c.pix[i].mean() < 0.5 {
		s = 1
	}
	c.stroke(lip, half, func(i int, cover float64) {
		c.pix[i] = c.pix[i].shade(mul(cover, mul(-0.5*s, strength)))
	})
	c.stroke(path, half, func(i int, cover float64) {
		c.pix[i] = c.pix[i].shade(mul(cover, mul(s, strength)))
		c.markFrom(i, cover)
	})
}

// stain draws an uneven spot of another hue, darker towards its rim.
func (c *canvas) stain(r *rng.Stream, x, y, radius float64) {
	seed := r.Uint64()
	tint := hsv(between(r, 0, 6), between(r, 0.6, 0.9), 1)
	depth := between(r, 0.75, 0.95)
	c.near(x, y, mul(1.5, radius), func(px, py float64, i int) {
		d := length(px-x, py-y) + mul(mul(0.4, radius), noise(seed, px/radius, py/radius))
		cover := clamp(radius+0.5-d, 0, 1)
		rim := clamp(d/radius, 0, 1)
		p := c.pix[i]
		wet := tint.times(mul(p.mean(), 1.3-mul(0.5, rim)))
		c.pix[i] = p.mix(wet, mul(cover, depth))
		c.markFrom(i, cover)
	})
}

// pit draws a hole with a steep wall: dark within, bright on the side of the rim that faces
// the light.
func (c *canvas) pit(r *rng.Stream, x, y, radius, lx, ly float64) {
	seed := r.Uint64()
	deep := between(r, 0.5, 0.75)
	c.near(x, y, mul(1.5, radius), func(px, py float64, i int) {
		dx, dy := px-x, py-y
		d := length(dx, dy) + mul(mul(0.2, radius), noise(seed, mul(1.5, px)/radius, mul(1.5, py)/radius))
		cover := clamp(radius+0.5-d, 0, 1)
		facing := (mul(dx, lx) + mul(dy, ly)) / max(d, 1)
		wall := clamp(mul(d, 2)/radius-1, 0, 1)
		p := c.pix[i].times(1 - deep).shade(mul(-0.45, mul(facing, wall)))
		c.pix[i] = c.pix[i].mix(p, cover)
		c.markFrom(i, cover)
	})
}

// dent draws a hollow or a bump without an edge: only its sides are lighter and darker.
func (c *canvas) dent(r *rng.Stream, x, y, radius, lx, ly float64) {
	s := mul(sign(r), between(r, 1, 1.3))
	c.near(x, y, radius, func(px, py float64, i int) {
		dx, dy := (px-x)/radius, (py-y)/radius
		fall := smooth(mul(1.6, 1-length(dx, dy)))
		c.pix[i] = c.pix[i].shade(mul(s, mul(fall, mul(dx, lx)+mul(dy, ly))))
		c.markFrom(i, fall)
	})
}

// thread draws a fibre that lies on the surface, and its shadow.
func (c *canvas) thread(r *rng.Stream, x, y, size, half, lx, ly float64) {
	path := drawCurve(r, x, y, size, 0.25, between(r, 0.1, 0.25))
	colour := hsv(between(r, 0, 6), between(r, 0.2, 0.8), between(r, 0.75, 1))
	if c.pix[clampInt(int(y), c.h)*c.w+clampInt(int(x), c.w)].mean() > 0.55 {
		colour = colour.times(0.3)
	}
	shadow := make([]point, len(path))
	for i, p := range path {
		shadow[i] = point{p.x - mul(lx, mul(2, half)), p.y - mul(ly, mul(2, half))}
	}
	c.stroke(shadow, half, func(i int, cover float64) {
		c.pix[i] = c.pix[i].times(1 - mul(0.4, cover))
	})
	c.stroke(path, half, func(i int, cover float64) {
		c.pix[i] = c.pix[i].mix(colour, cover)
		c.markFrom(i, cover)
	})
}

// markFrom adds pixel i to the mask if a defect covers enough of it.
func (c *canvas) markFrom(i int, cover float64) {
	if cover >= markAt {
		c.mask.Pix[i] = true
	}
}
