package synthetic

import "anomem/nn/rng"

// damage gives the part one small defect, keeps the mean colour, and names the defect.
func (p *drawnPart) damage(r *rng.Stream) (what string) {
	c, was := p.canvas, p.canvas.mean()
	unit := float64(c.w) / 32
	switch r.IntN(7) {
	case 0:
		what = "chip"
		x, y := p.place(r, func(u, v float64) bool {
			d := mul(p.blank()(u, v), p.scale)
			return d > -unit && d < 0 && (v < -0.5 || v > 0.4)
		})
		p.cut(x, y, mul(unit, between(r, 5, 6.5)))
	case 1:
		what = "hole"
		x, y := p.inside(r)
		p.cut(x, y, mul(unit, between(r, 3, 4)))
	case 2:
		what = "undrilled"
		p.covers = p.draw(c, p.undrilled(), p.coat())
		p.mark(p.boreHole())
	case 3:
		what = "misprint"
		u, v := p.at(p.inside(r))
		half := mul(unit, between(r, 4, 5)) / p.scale
		patch := box(u, v, half, mul(half, between(r, 0.7, 1.4)), 0)
		coat, outline := p.coat(), p.outline()
		p.covers = p.draw(c, outline, func(u, v float64) float64 {
			// Inside the patch, where its distance is negative, the other paint.
			d, s := patch(u, v), coat(u, v)
			return max(min(s, d), min(-s, -d))
		})
		p.mark(func(u, v float64) float64 { return max(patch(u, v), outline(u, v)) })
	case 4:
		what = "scratch"
		x, y := p.inside(r)
		c.scratch(r, x, y, mul(unit, between(r, 17, 23)), mul(unit, between(r, 1, 1.4)))
	case 5:
		what = "stain"
		x, y := p.inside(r)
		c.stain(r, x, y, mul(unit, between(r, 5, 6.5)))
	default:
		what = "dent"
		x, y := p.inside(r)
		c.dent(r, x, y, mul(unit, between(r, 6, 7.5)), p.lx, p.ly)
	}
	c.matchMean(was, nil)
	return what
}

// place draws one of the pixels where ok is true.
func (p *drawnPart) place(r *rng.Stream, ok func(u, v float64) bool) (x, y float64) {
	var places []point
	c := p.canvas
	for i := range c.pix {
		at := point{float64(i%c.w) + 0.5, float64(i/c.w) + 0.5}
		if ok(p.at(at.x, at.y)) {
			places = append(places, at)
		}
	}
	at := places[r.IntN(len(places))]
	return at.x, at.y
}

// inside draws a place in the object's material. There is always one in the foot.
func (p *drawnPart) inside(r *rng.Stream) (x, y float64) {
	deep, outline := float64(p.canvas.w)/32*-1.2/p.scale, p.outline()
	return p.place(r, func(u, v float64) bool { return outline(u, v) < deep })
}

// cut takes a disc out of the object.
func (p *drawnPart) cut(x, y, radius float64) {
	u, v := p.at(x, y)
	gap := disc(u, v, radius/p.scale)
	p.covers = p.draw(p.canvas, without(p.outline(), gap), p.coat())
	blank := p.blank()
	p.mark(func(u, v float64) float64 { return max(gap(u, v), blank(u, v)) })
}

// mark adds to the mask the pixels of which s covers enough.
func (p *drawnPart) mark(s shape) {
	for i := range p.canvas.mask.Pix {
		u, v := p.at(float64(i%p.canvas.w)+0.5, float64(i/p.canvas.w)+0.5)
		p.canvas.markFrom(i, p.cover(s, u, v))
	}
}
