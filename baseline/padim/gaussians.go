package padim

import (
	"math"

	"anomem/internal/cholesky"
	"anomem/simd"
	"anomem/simd/pool"
)

// gaussians are normal distributions of c values, one at each of some positions.
type gaussians struct {
	c      int
	mean   []float32 // μ, [P C]
	whiten []float32 // the rows of L⁻¹ with LLᵀ = Σ, as far as the diagonal, [P C(C+1)/2]
}

// triangle returns the number of values of c rows as far as the diagonal.
func triangle(c int) int { return c * (c + 1) / 2 }

// distances returns √((x - μ)ᵀ Σ⁻¹ (x - μ)) at each position of x [P C].
func (g *gaussians) distances(x []float32) []float32 {
	d, off := make([]float32, len(x)/g.c), make([]float32, g.c)
	for p := range d {
		simd.Sub(off, x[p*g.c:(p+1)*g.c], g.mean[p*g.c:(p+1)*g.c])
		row := g.whiten[p*triangle(g.c):]
		var sum float64
		for i := range g.c {
			y := float64(simd.Dot(row[:i+1], off[:i+1]))
			sum += float64(y * y)
			row = row[i+1:]
		}
		d[p] = float32(math.Sqrt(sum))
	}
	return d
}

// fit finds the distributions of images that come one after the other.
type fit struct {
	c, n    int
	origin  []float32 // [P C], the first image
	sum     []float64 // [P C], of the offsets from it, whose squares would cancel less
	squares []float64 // [P C(C+1)/2], of their products
	pool    *pool.Pool
}

// bytes returns the memory that a fit takes at the most.
func bytes(positions, c int) int { return positions * triangle(c) * (8 + 4) }

// newFit returns a fit to images of c channels, of which first is one.
func newFit(c int, first []float32, p *pool.Pool) *fit {
	return &fit{
		c: c, origin: first, pool: p,
		sum: make([]float64, len(first)), squares: make([]float64, len(first)/c*triangle(c)),
	}
}

// positionsAtOnce is the number of positions of a chunk of work.
const positionsAtOnce = 16

// each runs a task for all positions.
func (f *fit) each(t pool.Task) {
	f.pool.Run(t, (len(f.origin)/f.c+positionsAtOnce-1)/positionsAtOnce)
}

// chunk calls do with each position of a chunk.
func (f *fit) chunk(i int, do func(p int)) {
	for p := i * positionsAtOnce; p < min(len(f.origin)/f.c, (i+1)*positionsAtOnce); p++ {
		do(p)
	}
}

// add adds an image.
func (f *fit) add(x []float32) {
	f.n++
	f.each(&adding{f, x})
}

// adding adds an image to a fit.
type adding struct {
	*fit
	x []float32
}

// Chunk implements pool.Task.
func (a *adding) Chunk(i int) {
	off := make([]float64, a.c)
	a.chunk(i, func(p int) {
		for k := range off {
			off[k] = float64(a.x[p*a.c+k]) - float64(a.origin[p*a.c+k])
			a.sum[p*a.c+k] += off[k]
		}
		to := a.squares[p*triangle(a.c):]
		for k, v := range off {
			for l, w := range off[:k+1] {
				to[l] += float64(v * w)
			}
			to = to[k+1:]
		}
	})
}

// gaussians returns the distributions,
//
//	Σ = 1/(n-1)·Σ_i (x_i - μ)(x_i - μ)ᵀ + ε·I
//
// (eq. 1). It reports false if a feature was not finite.
func (f *fit) gaussians(epsilon float64) (*gaussians, bool) {
	s := &solving{f, epsilon, &gaussians{f.c, make([]float32, len(f.sum)), make([]float32, len(f.squares))}}
	f.each(s)
	for _, v := range s.to.whiten {
		if v != v {
			return nil, false
		}
	}
	return s.to, true
}

// solving finds the distributions of a fit. Where one has no inverse, it is NaN.
type solving struct {
	*fit
	epsilon float64
	to      *gaussians
}

// Chunk implements pool.Task.
func (s *solving) Chunk(i int) {
	c := s.c
	cov := make([]float64, c*c)
	s.chunk(i, func(p int) {
		sum, from, to := s.sum[p*c:(p+1)*c], s.squares[p*triangle(c):], s.to.whiten[p*triangle(c):]
		for k, a := range sum {
			s.to.mean[p*c+k] = float32(float64(s.origin[p*c+k]) + a/float64(s.n))
			for l, b := range sum[:k+1] {
				v := (from[l] - float64(a*b)/float64(s.n)) / float64(s.n-1)
				cov[k*c+l], cov[l*c+k] = v, v
			}
			cov[k*(c+1)] += s.epsilon
			from = from[k+1:]
		}
		factor, ok := cholesky.Inverse(cov, c)
		for k := range c {
			for l := range k + 1 {
				to[l] = float32(math.NaN())
				if ok {
					to[l] = float32(factor[k*c+l])
				}
			}
			to = to[k+1:]
		}
	})
}
