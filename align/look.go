package align

import (
	"math"
	"sync"

	"anomem/imageio"
)

// look is a square of grey values, the longer side of an image filling it. Beyond the edges
// of an image its outermost values go on.
type look struct {
	side int
	pix  []float64 // [side side]
}

// Sides of the squares by which poses are found, coarse to fine, in pixels.
const (
	coarse = 32
	middle = 64
	fine   = 128
)

// lookAt returns an image at the fine side.
func lookAt(img *imageio.Image) look {
	longer := max(img.W, img.H)
	w, h := max(1, (img.W*fine+longer/2)/longer), max(1, (img.H*fine+longer/2)/longer)
	small := img.Resize(w, h)
	l := look{fine, make([]float64, fine*fine)}
	left, top := (fine-w)/2, (fine-h)/2
	for y := range fine {
		row := small.Pix[3*w*clamp(y-top, h):]
		for x := range fine {
			p := row[3*clamp(x-left, w):]
			l.pix[y*fine+x] = float64(int(p[0]) + int(p[1]) + int(p[2]))
		}
	}
	return l
}

// clamp returns the number in 0 ... n-1 that is nearest to i.
func clamp(i, n int) int { return max(0, min(i, n-1)) }

// halved returns the means of 2×2 pixels.
func (l look) halved() look {
	n := l.side / 2
	to := look{n, make([]float64, n*n)}
	for y := range n {
		for x := range n {
			a, b := l.pix[2*y*l.side+2*x:], l.pix[(2*y+1)*l.side+2*x:]
			to.pix[y*n+x] = (a[0] + a[1] + b[0] + b[1]) / 4
		}
	}
	return to
}

// at interpolates a look bilinearly at a place in pixels, (0, 0) at the centre of the first.
func (l look) at(x, y float64) float64 {
	x, y = max(0, min(x, float64(l.side-1))), max(0, min(y, float64(l.side-1)))
	i, j := min(int(x), l.side-2), min(int(y), l.side-2)
	u, v := x-float64(i), y-float64(j)
	p := l.pix[j*l.side+i:]
	q := p[l.side:]
	upper := p[0] + float64(u*(p[1]-p[0]))
	lower := q[0] + float64(u*(q[1]-q[0]))
	return upper + float64(v*(lower-upper))
}

// posed writes to dst what a look shows at the pixels of the disk, taken from where a pose
// brings them.
func (l look) posed(dst []float64, p Pose) {
	d := diskOf(l.side)
	cos, sin := circle(p.Turn)
	half := float64(l.side) / 2
	for i, x := range d.x {
		x, y := rotate(cos, sin, x, d.y[i])
		dst[i] = l.at(float64((x+p.X+1)*half)-0.5, float64((y+p.Y+1)*half)-0.5)
	}
}

// disk lists the pixels of a square whose centres lie in its largest circle, and what a lamp
// may add to them.
type disk struct {
	side int
	at   []int        // of each pixel, its index
	x, y []float64    // its centre
	lamp [6][]float64 // polynomials of the second degree, orthonormal over the pixels
}

var disks = map[int]func() *disk{
	coarse: sync.OnceValue(func() *disk { return newDisk(coarse) }),
	middle: sync.OnceValue(func() *disk { return newDisk(middle) }),
	fine:   sync.OnceValue(func() *disk { return newDisk(fine) }),
}

func diskOf(side int) *disk { return disks[side]() }

func newDisk(side int) *disk {
	d := &disk{side: side}
	for i := range side * side {
		u, v := 2*(i%side)+1-side, 2*(i/side)+1-side
		if u*u+v*v <= side*side {
			d.at = append(d.at, i)
			d.x = append(d.x, float64(u)/float64(side))
			d.y = append(d.y, float64(v)/float64(side))
		}
	}
	for k := range d.lamp {
		p := make([]float64, len(d.at))
		for i, x := range d.x {
			y := d.y[i]
			p[i] = [...]float64{1, x, y, x * x, x * y, y * y}[k]
		}
		for _, q := range d.lamp[:k] {
			subtract(p, q, dot(p, q))
		}
		scale(p, 1/math.Sqrt(dot(p, p)))
		d.lamp[k] = p
	}
	return d
}

// plain takes from v what a lamp may add, and scales the rest to length 1. It returns the
// length before; of a picture without contrast, of which nothing is left, that is 0.
func (d *disk) plain(v []float64) float64 {
	all := math.Sqrt(dot(v, v))
	for _, q := range d.lamp {
		subtract(v, q, dot(v, q))
	}
	length := math.Sqrt(dot(v, v))
	if length <= 1e-9*all || length == 0 {
		clear(v)
		return 0
	}
	scale(v, 1/length)
	return length
}

// rest returns the length of v without what a lamp may add.
func (d *disk) rest(v []float64) float64 {
	left := dot(v, v)
	for _, q := range d.lamp {
		c := dot(v, q)
		left -= float64(c * c)
	}
	return math.Sqrt(max(0, left))
}

// spread returns the square whose disk has the values v, and 0 elsewhere.
func (d *disk) spread(v []float64) look {
	l := look{d.side, make([]float64, d.side*d.side)}
	for i, at := range d.at {
		l.pix[at] = v[i]
	}
	return l
}

// gather returns the values of a square on the disk.
func (d *disk) gather(l look) []float64 {
	v := make([]float64, len(d.at))
	for i, at := range d.at {
		v[i] = l.pix[at]
	}
	return v
}

func dot(a, b []float64) (sum float64) {
	b = b[:len(a)]
	for i, x := range a {
		sum += float64(x * b[i])
	}
	return sum
}

// subtract takes c·b from a.
func subtract(a, b []float64, c float64) {
	for i, x := range b {
		a[i] -= float64(c * x)
	}
}

func scale(a []float64, c float64) {
	for i := range a {
		a[i] *= c
	}
}
