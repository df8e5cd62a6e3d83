package align

import (
	"math"
	"slices"
)

// Frame is the rectangle around a part, in the template: turned by Turn, with its centre at
// (X, Y) and the given width and height.
type Frame struct {
	Turn                int
	X, Y, Width, Height float64
}

// whole is the frame of a square image.
var whole = Frame{Width: 2, Height: 2}

// Values of frameOf.
const (
	// flat is how many times the squared gradient of the ground a part has at least, and
	// faint the share of the largest: the ground is what the flattest quarter shows.
	flat, faint = 4, 0.02
	// quarterTurns is how many angles of the rectangle are tried.
	quarterTurns = 64
	// margin is by how much the rectangle is larger at each side, as a share of the geometric
	// mean of its sides.
	margin = 1.0 / 8
	// mostMissed is the share of the rectangle that may lie outside the images in the mean.
	mostMissed = 0.01
	// mostFilled is the share of a square from which on the whole of it is the frame.
	mostFilled = 0.8
)

// frameOf returns the frame of the part that looks show in their poses: of the rectangles
// around all that has contrast the smallest, with a margin where the images have one.
func frameOf(looks []look, poses []Pose) Frame {
	x, y := contrasts(looks, poses)
	if len(x) == 0 {
		return whole
	}
	f := smallest(x, y)
	const pixel = 2.0 / fine
	wide := f
	for _, share := range [...]float64{margin, margin / 2, margin / 4, 0} {
		by := float64(2*share*math.Sqrt(f.Width*f.Height)) + 2*pixel
		wide.Width, wide.Height = f.Width+by, f.Height+by
		if missed(wide, poses) <= mostMissed {
			break
		}
	}
	if wide.Width*wide.Height > mostFilled*whole.Width*whole.Height {
		return whole
	}
	return wide
}

// contrasts returns the places of the template, on the disk, where images in their poses
// have contrast beside most of their neighbours.
func contrasts(looks []look, poses []Pose) (x, y []float64) {
	d := diskOf(fine)
	energy := make([]float64, fine*fine)
	v := make([]float64, len(d.at))
	inside := make([]bool, fine*fine)
	for _, at := range d.at {
		inside[at] = true
	}
	for i, l := range looks {
		l.posed(v, poses[i])
		p := d.spread(v).pix
		for _, at := range d.at {
			if at%fine == 0 || at < fine || !inside[at-1] || !inside[at-fine] {
				continue
			}
			a, b := p[at]-p[at-1], p[at]-p[at-fine]
			energy[at] += float64(a*a) + float64(b*b)
		}
	}
	sorted := d.gather(look{fine, energy})
	slices.Sort(sorted)
	least := max(flat*sorted[len(sorted)/4], faint*sorted[len(sorted)-1])
	for i, at := range d.at {
		if energy[at] <= least {
			continue
		}
		near := 0
		for dy := -1; dy <= 1; dy++ {
			for dx := -1; dx <= 1; dx++ {
				if u, v := at%fine+dx, at/fine+dy; uint(u) < fine && uint(v) < fine && energy[v*fine+u] > least {
					near++
				}
			}
		}
		if near >= 4 { // itself and three neighbours
			x, y = append(x, d.x[i]), append(y, d.y[i])
		}
	}
	return x, y
}

// smallest returns the rectangle around points that has the least area, of some angles, and
// is at least as wide as high. Of those that are hardly larger it is the one least turned.
func smallest(x, y []float64) Frame {
	var all []Frame
	least := math.Inf(1)
	for k := range quarterTurns {
		turn := normal((k - quarterTurns/2) * Turns / 4 / quarterTurns)
		cos, sin := circle(normal(-turn))
		x0, x1, y0, y1 := math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)
		for i := range x {
			u, v := rotate(cos, sin, x[i], y[i])
			x0, x1, y0, y1 = min(x0, u), max(x1, u), min(y0, v), max(y1, v)
		}
		f := Frame{Turn: turn, Width: x1 - x0, Height: y1 - y0}
		cos, sin = circle(turn)
		f.X, f.Y = rotate(cos, sin, (x0+x1)/2, (y0+y1)/2)
		if f.Height > f.Width {
			f.Turn, f.Width, f.Height = normal(f.Turn+Turns/4), f.Height, f.Width
		}
		all = append(all, f)
		least = min(least, f.Width*f.Height)
	}
	best := all[0]
	for _, f := range all {
		if f.Width*f.Height <= 1.02*least && (best.Width*best.Height > 1.02*least || angle(f.Turn) < angle(best.Turn)) {
			best = f
		}
	}
	return best
}

// angle returns the size of an angle, either way.
func angle(turn int) int { return min(turn, Turns-turn) }

// missed returns the share of a frame that lies outside square images, in the mean over poses.
func missed(f Frame, poses []Pose) float64 {
	const n = 32
	cos, sin := circle(f.Turn)
	out := 0
	for _, p := range poses {
		for i := range n * n {
			u, v := (float64(i%n)+0.5)/n-0.5, (float64(i/n)+0.5)/n-0.5
			x, y := rotate(cos, sin, u*f.Width, v*f.Height)
			x, y = p.at(x+f.X, y+f.Y)
			if max(math.Abs(x), math.Abs(y)) > 1 {
				out++
			}
		}
	}
	return float64(out) / float64(n*n*len(poses))
}
