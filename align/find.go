package align

import (
	"cmp"
	"math"
	"slices"
)

// finder finds poses of what a template shows.
type finder struct {
	fine, middle []float64 // the template on the disks of these sides, plain
	turned       []look    // at the coarse side, for each of coarseTurns angles
	length       []float64 // [coarseTurns shifts shifts], each turned and moved, on the disk
}

// The coarse search tries all of coarseTurns angles and moves by up to mostMoved coarse
// pixels along each axis: a quarter of the distance from the centre to an edge.
const (
	coarseTurns = 48
	mostMoved   = 4
	shifts      = 2*mostMoved + 1
)

// newFinder returns a finder for a template, a square at the fine side that is 0 outside the
// disk.
func newFinder(template look) *finder {
	half := template.halved()
	f := &finder{fine: diskOf(fine).gather(template), middle: diskOf(middle).gather(half)}
	diskOf(fine).plain(f.fine)
	diskOf(middle).plain(f.middle)
	d := diskOf(coarse)
	v := make([]float64, len(d.at))
	for k := range coarseTurns {
		turned := look{middle, make([]float64, middle*middle)}
		cos, sin := circle(normal(-k * Turns / coarseTurns))
		for i, at := range diskOf(middle).at {
			x, y := rotate(cos, sin, diskOf(middle).x[i], diskOf(middle).y[i])
			turned.pix[at] = half.at(float64((x+1)*middle/2)-0.5, float64((y+1)*middle/2)-0.5)
		}
		f.turned = append(f.turned, turned.halved())
		for s := range shifts * shifts {
			f.moved(v, k, s)
			f.length = append(f.length, d.rest(v))
		}
	}
	return f
}

// moved writes the template at the coarse side, turned by angle k and moved by shift s, to
// the disk dst.
func (f *finder) moved(dst []float64, k, s int) {
	dx, dy := s%shifts-mostMoved, s/shifts-mostMoved
	pix := f.turned[k].pix
	for i, at := range diskOf(coarse).at {
		x, y := at%coarse-dx, at/coarse-dy
		dst[i] = 0
		if uint(x) < coarse && uint(y) < coarse {
			dst[i] = pix[y*coarse+x]
		}
	}
}

// overlap returns the sum of the products of a coarse square's values and those of another
// that is moved by (dx, dy).
func overlap(a, b []float64, dx, dy int) (sum float64) {
	x0, x1 := max(0, dx), min(coarse, coarse+dx)
	for y := max(0, dy); y < min(coarse, coarse+dy); y++ {
		sum += dot(a[y*coarse+x0:y*coarse+x1], b[(y-dy)*coarse+x0-dx:])
	}
	return sum
}

// match is a pose and how well an image in it agrees with the template: their correlation.
type match struct {
	pose  Pose
	agree float64
}

// coarsely returns the best matches of a look at the coarse side, of angles that are not next
// to each other, best first.
func (f *finder) coarsely(l look, most int) []match {
	d := diskOf(coarse)
	v := d.gather(l)
	d.plain(v)
	on := d.spread(v).pix
	var best []match // of each angle
	for k := range coarseTurns {
		m := match{agree: math.Inf(-1)}
		for s := range shifts * shifts {
			dx, dy := s%shifts-mostMoved, s/shifts-mostMoved
			agree := overlap(on, f.turned[k].pix, dx, dy) / max(f.length[k*shifts*shifts+s], 1e-12)
			if agree > m.agree {
				const pixel = 2.0 / coarse
				m = match{Pose{k * Turns / coarseTurns, float64(dx) * pixel, float64(dy) * pixel}, agree}
			}
		}
		best = append(best, m)
	}
	var some []match
	for k, m := range best {
		if m.agree >= best[(k+1)%coarseTurns].agree && m.agree >= best[(k+coarseTurns-1)%coarseTurns].agree {
			some = append(some, m)
		}
	}
	slices.SortStableFunc(some, func(a, b match) int { return cmp.Compare(b.agree, a.agree) })
	return some[:min(most, len(some))]
}

// candidates is how many coarse matches are looked at closely.
const candidates = 3

// find returns the pose in which an image agrees best with the template.
func (f *finder) find(l look) match {
	half := l.halved()
	best := match{agree: math.Inf(-1)}
	for _, m := range f.coarsely(half.halved(), candidates) {
		if m = f.refine(half, f.middle, m.pose, 0, 4); m.agree > best.agree {
			best = m
		}
	}
	return f.refine(l, f.fine, best.pose, 4, 8)
}

// refine changes a pose, along one of its three axes at a time, as long as the look agrees
// better with the template, by steps from the first to the one before the last. Each is
// smaller by a third.
func (f *finder) refine(l look, template []float64, p Pose, first, last int) match {
	d := diskOf(l.side)
	v := make([]float64, len(d.at))
	agree := func(p Pose) float64 {
		l.posed(v, p)
		return dot(v, template) / max(d.rest(v), 1e-12)
	}
	best := match{p, agree(p)}
	turn, move := float64(Turns)/coarseTurns/2, 1.0/coarse
	for k := range last {
		if k >= first {
			step := [3]Pose{{Turn: int(turn)}, {X: move}, {Y: move}}
			for range 2 {
				for _, s := range step {
					for _, sign := range [...]float64{1, -1} {
						to := Pose{normal(best.pose.Turn + int(sign)*s.Turn), best.pose.X + float64(sign*s.X), best.pose.Y + float64(sign*s.Y)}
						if a := agree(to); a > best.agree {
							best = match{to, a}
						}
					}
				}
			}
		}
		turn, move = turn*2/3, move*2/3
	}
	return best
}
