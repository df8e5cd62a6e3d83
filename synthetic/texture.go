package synthetic

import (
	"math"

	"anomem/nn/rng"
)

// texture is a picture of cloth, before the camera.
type texture struct {
	weave
	canvas *canvas
}

func newTexture(r *rng.Stream, size int) texture {
	t := texture{drawWeave(r, mul(float64(size)/32, 4)), newCanvas(size)}
	t.weave.draw(t.canvas, plain)
	return t
}

// anomaly turns the picture into an anomalous one of the same mean, and returns the name of
// the anomaly.
func (w *texture) anomaly(r *rng.Stream, kind Kind) (what string) {
	c, was := w.canvas, w.canvas.mean()
	energy := c.energy(was)
	switch kind {
	case Object:
		name, at := drawMaterial(r, w.colours, w.weft)
		what = name
		c.paint(func(x, y float64) rgb { return at(x, y).times(w.dye(x, y)) })
		c.fillMask()
	case Style:
		l := laws[r.IntN(len(laws))]
		what = l.name
		w.draw(c, l.over)
		c.fillMask()
	default:
		what = w.damage(r)
		c.matchMean(was, nil)
		return what
	}
	// Another surface takes the mean and the contrast of this one.
	m := c.mean()
	gain := math.Sqrt(energy / c.energy(m))
	for i, p := range c.pix {
		c.pix[i] = m.mix(p, gain)
	}
	c.matchMean(was, nil)
	return what
}

// damage gives the cloth one small defect, and names it.
func (w *texture) damage(r *rng.Stream) (what string) {
	c := w.canvas
	size := float64(c.w)
	unit := size / 32
	x, y := mul(size, between(r, 0.2, 0.8)), mul(size, between(r, 0.2, 0.8))
	switch r.IntN(5) {
	case 0:
		w.dropThread(r, x, y, mul(unit, between(r, 12, 20)))
		return "dropped thread"
	case 1:
		c.thread(r, x, y, mul(unit, between(r, 14, 22)), mul(unit, between(r, 0.7, 1.1)), w.lx, w.ly)
		return "loose thread"
	case 2:
		c.pit(r, x, y, mul(unit, between(r, 2.6, 4)), w.lx, w.ly)
		return "hole"
	case 3:
		c.stain(r, x, y, mul(unit, between(r, 4, 6)))
		return "stain"
	default:
		w.miswoven(x, y, mul(unit, between(r, 4.5, 6)))
		return "miswoven"
	}
}

// dropThread leaves out a piece of one thread: the threads that crossed under it show, and
// the dark behind them.
func (w *texture) dropThread(r *rng.Stream, x, y, size float64) {
	c := w.canvas
	warp := r.IntN(2) == 0
	s0, t0 := w.at(x, y)
	c.near(x, y, size, func(px, py float64, i int) {
		s, t := w.at(px, py)
		across, along := math.Floor(s)-math.Floor(s0), mul(t-t0, w.weft)
		if !warp {
			across, along = math.Floor(t)-math.Floor(t0), mul(s-s0, w.warp)
		}
		if across == 0 && math.Abs(along) <= size/2 {
			c.pix[i] = w.colour(s, t, !warp).times(mul(0.35, w.dye(px, py)))
			c.mask.Pix[i] = true
		}
	})
}

// miswoven repeats each crossing in a round patch, as a basket weave does.
func (w *texture) miswoven(x, y, radius float64) {
	c := w.canvas
	c.near(x, y, radius, func(px, py float64, i int) {
		if length(px-x, py-y) > radius {
			return
		}
		s, t := w.at(px, py)
		c.pix[i] = w.colour(s, t, (int(math.Floor(s))>>1+int(math.Floor(t))>>1)&1 == 0)
		c.mask.Pix[i] = true
	})
}
