package synthetic

import (
	"math"

	"anomem/nn/rng"
)

// part is a scene with one object: where it lies, its two paints, its finish, the
// ground and the light.
type part struct {
	x, y     float64 // of the object's centre, in pixels
	scale    float64 // pixels a unit of the object
	cos, sin float64 // of the object's angle
	paints   [2]rgb
	ground   rgb
	lx, ly   float64 // towards the light
	relief   float64 // how bright an edge to the light is
	shadow   float64
	milled   float64 // contrast of the lines that milling leaves on the object
	mc, ms   float64 // their direction in the object, across it unless an anomaly says otherwise
	seed     uint64  // of finish and ground
	patina   float64 // contrast of the ground's spots
}

// drawPart draws everything but the object's shape. The light comes from anywhere, so that
// only the object tells which side is up.
func drawPart(r *rng.Stream, size int) part {
	unit := float64(size) / 32
	p := part{
		x:      mul(unit, 16+between(r, -3, 3)),
		y:      mul(unit, 16+between(r, -3, 3)),
		scale:  mul(unit, between(r, 10.2, 13.2)),
		relief: between(r, 0.15, 0.35),
		shadow: between(r, 0.2, 0.5),
		milled: between(r, 0.03, 0.12),
		mc:     1,
		seed:   r.Uint64(),
		patina: between(r, 0.02, 0.3),
	}
	p.cos, p.sin = turn(between(r, -0.12, 0.12)) // ±14°
	p.lx, p.ly = direction(r)
	// The product's two paints, which batches of paint and lamps vary a little, on a ground
	// of any colour.
	p.paints = [2]rgb{
		hsv(between(r, 0.75, 1), between(r, 0.45, 0.6), between(r, 0.74, 0.86)),
		hsv(between(r, 3.5, 3.75), between(r, 0.35, 0.5), between(r, 0.36, 0.46)),
	}
	p.ground = hsv(between(r, 0, 6), between(r, 0.05, 0.6), between(r, 0.24, 0.9))
	return p
}

// at converts a place in pixels to the object's coordinates.
func (p part) at(x, y float64) (u, v float64) {
	x, y = (x-p.x)/p.scale, (y-p.y)/p.scale
	return mul(p.cos, x) + mul(p.sin, y), mul(p.cos, y) - mul(p.sin, x)
}

// cover returns the share of a pixel that lies inside s.
func (p part) cover(s shape, u, v float64) float64 { return clamp(0.5-mul(s(u, v), p.scale), 0, 1) }

// draw paints the scene and returns the share of each pixel that the object covers.
func (p part) draw(c *canvas, outline, coat shape) []float64 {
	covers := make([]float64, len(c.pix))
	unit := float64(c.w) / 32
	bevel := mul(unit, 2)                                  // width of the edge that catches the light, in pixels
	lu, lv := p.at(p.x+mul(p.lx, 0.5), p.y+mul(p.ly, 0.5)) // half a pixel to the light
	c.each(func(x, y float64, i int) {
		u, v := p.at(x, y)
		spots := noise(p.seed, x/mul(unit, 5), y/mul(unit, 5)) + noise(p.seed+1, x/mul(unit, 2), y/mul(unit, 2))
		colour := p.ground.shade(mul(spots, p.patina))
		d := mul(outline(u, v), p.scale)
		// The shadow lies where the object is two pixels on, towards the light.
		dark := smooth(mul(0.5, 1.5-mul(outline(u+mul(lu, mul(4, unit)), v+mul(lv, mul(4, unit))), p.scale)/unit))
		colour = colour.times(1 - mul(dark, p.shadow))
		covers[i] = clamp(0.5-d, 0, 1)
		if covers[i] == 0 {
			c.pix[i] = colour
			return
		}
		body := p.paints[0].mix(p.paints[1], p.cover(coat, u, v))
		a, b := mul(p.mc, u)+mul(p.ms, v), mul(p.mc, v)-mul(p.ms, u) // along and across the lines
		lines := noise(p.seed+2, mul(a, 0.5), mul(b, 5)) + mul(0.6, noise(p.seed+3, a, mul(b, 9)))
		body = body.shade(mul(lines, p.milled))
		slope := mul(2, mul(outline(u+lu, v+lv), p.scale)-d) // of the distance, along the light
		body = body.shade(mul(mul(slope, p.relief), clamp(1-math.Abs(d+0.5)/bevel, 0, 1)))
		c.pix[i] = colour.mix(body, covers[i])
	})
	return covers
}

// drawnPart is a normal picture before the camera, from which anomalies are made.
type drawnPart struct {
	part
	bracket
	canvas *canvas
	covers []float64
}

func newPart(r *rng.Stream, size int) drawnPart {
	p := drawnPart{part: drawPart(r, size), bracket: drawBracket(r), canvas: newCanvas(size)}
	p.covers = p.draw(p.canvas, p.outline(), p.coat())
	return p
}

// again draws the scene with another object or coat, shifts the object's colours so that the
// picture's mean stays, and marks the object.
func (p *drawnPart) again(outline, coat shape) {
	was := p.canvas.mean()
	p.covers = p.draw(p.canvas, outline, coat)
	p.canvas.matchMean(was, p.covers)
	p.mark(outline)
}

// anomaly turns the picture into an anomalous one, and returns the name of the anomaly.
func (p *drawnPart) anomaly(r *rng.Stream, kind Kind) (what string) {
	if kind != Local {
		p.mc, p.ms = turn(mul(sign(r), between(r, 0.41, 1))) // 45° to 90°
	}
	switch kind {
	case Object:
		f := drawForeign(r)
		p.again(f.outline, f.coat)
		return f.name
	case Style:
		name, coat := drawPattern(r, between(r, 0.40, 0.55))
		p.again(p.outline(), coat)
		return name
	default:
		return p.damage(r)
	}
}
