package synthetic

import (
	"math"

	"anomem/nn/rng"
)

// weave is cloth of crossing threads: warp runs down the picture, weft across.
type weave struct {
	x, y       float64 // where a crossing lies, in pixels
	cos, sin   float64 // of the cloth's angle
	warp, weft float64 // widths of the threads, in pixels
	colours    [2]rgb  // of warp and weft
	uneven     float64 // how much threads differ in lightness
	fuzz       float64 // contrast of the fibres
	clouds     float64 // contrast of the dye's unevenness
	lx, ly     float64 // towards the light
	seed       uint64
}

// drawWeave draws cloth with weft threads of 0.8 to 1.6 times the given width in pixels and
// finer warp threads.
func drawWeave(r *rng.Stream, width float64) weave {
	w := weave{
		x:      between(r, 0, 100),
		y:      between(r, 0, 100),
		weft:   mul(width, between(r, 0.8, 1.6)),
		uneven: between(r, 0.01, 0.15),
		fuzz:   between(r, 0.02, 0.15),
		clouds: between(r, 0.02, 0.2),
		seed:   r.Uint64(),
	}
	w.warp = mul(w.weft, between(r, 0.65, 0.85))
	w.cos, w.sin = turn(between(r, -0.1, 0.1)) // ±11°
	w.lx, w.ly = direction(r)
	light := r.IntN(2)
	hue := between(r, 0, 6)
	for i := range w.colours {
		w.colours[i] = hsv(math.Mod(hue+between(r, -1, 1)+6, 6), between(r, 0.05, 0.6), between(r, 0.4, 0.55)+mul(0.35, float64(i^light)))
	}
	return w
}

// at converts a place in pixels to threads: s counts those of the warp, t of the weft.
func (w *weave) at(x, y float64) (s, t float64) {
	x, y = x-w.x, y-w.y
	return (mul(w.cos, x) + mul(w.sin, y)) / w.warp, (mul(w.cos, y) - mul(w.sin, x)) / w.weft
}

// law reports whether the warp is on top where warp thread i crosses weft thread j.
type law func(i, j int) bool

func plain(i, j int) bool { return (i+j)&1 == 0 }

// laws are other weaves than the plain one, each with as much warp as weft on top.
var laws = []struct {
	name string
	over law
}{
	{"twill", func(i, j int) bool { return (i+j)&3 < 2 }},
	{"basket", func(i, j int) bool { return (i>>1+j>>1)&1 == 0 }},
	{"ribs", func(i, j int) bool { return i>>1&1 == 0 }},
	{"herringbone", func(i, j int) bool {
		if i&8 != 0 {
			i = -i
		}
		return (i+j)&3 < 2
	}},
}

// colour returns the colour at thread coordinates: that of the thread on top, which is round
// and dips where it goes under its neighbours.
func (w *weave) colour(s, t float64, over bool) rgb {
	fi, fj := math.Floor(s), math.Floor(t)
	across, along, lit := s-fi-0.5, t-fj-0.5, w.lx
	colour, thread, fibre := w.colours[0], uniform(w.seed, int(fi), 0), noise(w.seed+2, mul(s, 3), t)
	if !over {
		across, along, lit = along, across, w.ly
		colour, thread, fibre = w.colours[1], uniform(w.seed+1, int(fj), 0), noise(w.seed+3, s, mul(t, 3))
	}
	round := 1 - mul(1.9, mul(across, across)) - mul(0.9, mul(along, along))
	light := round + mul(0.3, mul(across, lit)) + mul(thread, w.uneven) + mul(fibre, w.fuzz)
	return colour.times(light)
}

// draw paints cloth that is woven by the law.
func (w *weave) draw(c *canvas, over law) {
	c.paint(func(x, y float64) rgb {
		s, t := w.at(x, y)
		return w.colour(s, t, over(int(math.Floor(s)), int(math.Floor(t)))).times(w.dye(x, y))
	})
}

// dye returns the lightness of the dye at a place, about 1.
func (w *weave) dye(x, y float64) float64 {
	k := 1 / mul(2, w.weft)
	x, y = mul(x, k), mul(y, k)
	return 1 + mul(w.clouds, noise(w.seed+4, x, y)+noise(w.seed+5, mul(2, x), mul(2, y)))
}
