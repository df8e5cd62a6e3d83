package synthetic

import (
	"math"

	"anomem/nn/rng"
)

// hide is a photograph of leather, before the camera: a net of creases on a ground with clouds.
type hide struct {
	canvas *canvas
	unit   float64
	colour rgb     // of the product
	width  float64 // of the grain, in pixels
	depth  float64 // of the creases
	seed   uint64
}

// newLeather draws a photograph of leather, all of it grain. The product's stream draws its colour
// and its grain, which are the same in every photograph.
func newLeather(product, r *rng.Stream, size int) hide {
	h := hide{
		canvas: newCanvas(size), unit: float64(size) / 1024,
		colour: hsv(between(product, 0, 6), between(product, 0.2, 0.6), between(product, 0.45, 0.65)),
		depth:  between(product, 0.12, 0.2), seed: r.Uint64(),
	}
	h.width = mul(h.unit, between(product, 9, 13))
	h.colour = h.colour.times(between(r, 0.92, 1.08))
	clouds := between(r, 0.02, 0.05)
	h.canvas.paint(func(x, y float64) rgb {
		cloud := noise(h.seed+4, x/mul(h.unit, 190), y/mul(h.unit, 190)) + mul(0.5, noise(h.seed+5, x/mul(h.unit, 80), y/mul(h.unit, 80)))
		return h.colour.times(h.grain(h.seed, x, y, h.width) + mul(clouds, cloud))
	})
	return h
}

// grain returns the lightness at a place, about 1: creases run where either of two noises is 0.
func (h *hide) grain(seed uint64, x, y, width float64) float64 {
	a := math.Abs(noise(seed, x/width, y/width))
	b := math.Abs(noise(seed+1, mul(0.6, x)/width, mul(0.6, y)/width))
	fine := noise(seed+2, mul(3, x)/width, mul(3, y)/width)
	return 1 - mul(h.depth, 1-smooth(mul(3.5, min(a, b)))) + mul(0.03, fine)
}

// flaw draws a defect of the kind: most are large and faint, and a pit is as wide as two or three
// grains.
func (h *hide) flaw(r *rng.Stream, kind Kind) {
	c, size := h.canvas, float64(h.canvas.w)
	x, y := mul(size, between(r, 0.2, 0.8)), mul(size, between(r, 0.2, 0.8))
	long := func(a, b float64) float64 { return mul(h.unit, between(r, a, b)) }
	switch kind {
	case Stain:
		tint := rgb{1, between(r, 0.9, 1.1), between(r, 0.85, 1.15)}
		shade := 1 + mul(sign(r), between(r, 0.06, 0.14))
		h.blot(r, x, y, long(60, 170), func(i int, _, _, cover float64) {
			for k, p := range c.pix[i] {
				c.pix[i][k] = lerp(p, mul(p, mul(shade, tint[k])), cover)
			}
		})
	case Patch:
		width := mul(h.width, [...]float64{0.5, 1.9}[r.IntN(2)])
		seed := r.Uint64()
		h.blot(r, x, y, long(80, 190), func(i int, px, py, cover float64) {
			other := h.grain(seed, px, py, width) / h.grain(h.seed, px, py, h.width)
			c.pix[i] = c.pix[i].times(lerp(1, other, cover))
		})
	case Fold:
		h.fold(r, x, y, long(300, 700), long(7, 13))
	case Pit:
		lx, ly := direction(r)
		c.pit(r, x, y, long(12, 22), lx, ly)
	}
}

// blot calls paint for the pixels of a spot with an uneven outline and a soft edge, with the share
// that it covers of each.
func (h *hide) blot(r *rng.Stream, x, y, radius float64, paint func(i int, px, py, cover float64)) {
	seed := r.Uint64()
	h.canvas.near(x, y, mul(1.6, radius), func(px, py float64, i int) {
		dx, dy := px-x, py-y
		d := length(dx, dy)
		// The outline follows noise along a circle.
		out := mul(radius, 1+mul(0.35, noise(seed, mul(1.3, dx)/max(d, 1)+9, mul(1.3, dy)/max(d, 1)+9)))
		cover := smooth(mul(0.5, (out-d)/mul(0.06, radius)) + 0.5)
		if cover > 0 {
			paint(i, px, py, cover)
			h.canvas.markFrom(i, cover)
		}
	})
}

// fold draws a bent ridge: light along its middle, dark beside it.
func (h *hide) fold(r *rng.Stream, x, y, size, half float64) {
	path := drawCurve(r, x, y, size, 0.05, between(r, 0, 0.04))
	strength := mul(sign(r), between(r, 0.12, 0.25))
	h.canvas.near(x, y, size, func(px, py float64, i int) {
		t := distance(path, px, py) / half
		if t >= 2 {
			return
		}
		light := smooth(1-t) - mul(0.5, smooth(1-math.Abs(t-1)))
		h.canvas.pix[i] = h.canvas.pix[i].times(1 + mul(strength, light))
		h.canvas.markFrom(i, clamp(1.5-t, 0, 1))
	})
}
