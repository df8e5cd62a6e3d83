package synthetic

import (
	"math"

	"anomem/nn/rng"
)

type point struct{ x, y float64 }

// drawCurve draws a path of the given length about (x, y). Each step turns by drift, always
// to one side, and by up to bend to either side, as tangents of half the angle.
func drawCurve(r *rng.Stream, x, y, size, bend, drift float64) []point {
	const steps = 8
	dx, dy := direction(r)
	drift = mul(drift, sign(r))
	path := make([]point, steps+1)
	var middle point
	for i := range path {
		if i > 0 {
			path[i] = point{path[i-1].x + mul(dx, size/steps), path[i-1].y + mul(dy, size/steps)}
			cos, sin := turn(drift + between(r, -bend, bend))
			dx, dy = mul(cos, dx)-mul(sin, dy), mul(cos, dy)+mul(sin, dx)
		}
		middle.x += path[i].x / (steps + 1)
		middle.y += path[i].y / (steps + 1)
	}
	for i := range path {
		path[i].x += x - middle.x
		path[i].y += y - middle.y
	}
	return path
}

// distance returns the distance of (x, y) from the path.
func distance(path []point, x, y float64) float64 {
	least := math.Inf(1)
	for i, b := range path[1:] {
		a := path[i]
		ex, ey := b.x-a.x, b.y-a.y
		t := clamp((mul(x-a.x, ex)+mul(y-a.y, ey))/(mul(ex, ex)+mul(ey, ey)), 0, 1)
		least = min(least, length(x-a.x-mul(t, ex), y-a.y-mul(t, ey)))
	}
	return least
}

// stroke calls paint for the pixels along the path, with the share of the pixel that lies
// within half of it.
func (c *canvas) stroke(path []point, half float64, paint func(i int, cover float64)) {
	var x, y, reach float64
	for _, p := range path {
		x += p.x / float64(len(path))
		y += p.y / float64(len(path))
	}
	for _, p := range path {
		reach = max(reach, math.Abs(p.x-x), math.Abs(p.y-y))
	}
	c.near(x, y, reach+half+1, func(px, py float64, i int) {
		if cover := clamp(half+0.5-distance(path, px, py), 0, 1); cover > 0 {
			paint(i, cover)
		}
	})
}
