package anomem

import (
	"errors"
	"math"

	"anomem/autograd"
	"anomem/internal/cholesky"
	"anomem/nn"
	"anomem/simd"
)

// Density is a normal distribution of the features of normal images at one scale: of the
// mean over a map's positions, scaled to length 1, for each quarter turn of the images. A
// feature's distance from it is Mahalanobis's,
//
//	d(v) = √((v - μ)ᵀ Σ⁻¹ (v - μ) / C)
//
// about 1 for normal images.
type Density[T autograd.Float] struct {
	Mean   *autograd.Tensor[T] // μ of each quarter turn, [copies C]
	Whiten *autograd.Tensor[T] // L⁻¹/√C with LLᵀ = Σ, lower triangular, [copies C C]
}

// NewDensity returns a density without values of features of the given channels, for images
// and, with copies above 1, their rotated copies.
func NewDensity[T autograd.Float](copies, channels int) *Density[T] {
	return &Density[T]{autograd.New[T](copies, channels), autograd.New[T](copies, channels, channels)}
}

// Visit visits "mean" and "whiten", which are no parameters: no gradient reaches them.
func (d *Density[T]) Visit(v nn.Visitor[T], prefix string) {
	v.Entry(nn.Entry[T]{Name: nn.Join(prefix, "mean"), Tensor: d.Mean, Buffer: true})
	v.Entry(nn.Entry[T]{Name: nn.Join(prefix, "whiten"), Tensor: d.Whiten, Buffer: true})
}

// DensityFeatures returns what a Density describes, [B C], of maps z [B H W C]. It panics on
// another rank.
func DensityFeatures[T autograd.Float](g *autograd.Graph[T], z *autograd.Tensor[T]) *autograd.Tensor[T] {
	return g.L2Normalize(pooled(g, z), shortest)
}

// distance returns d of a feature [C] of an image that is rotated by that many quarter
// turns. scratch has C values.
func distance(d *Density[float32], feature []float32, quarters int, scratch []float32) float32 {
	c := len(feature)
	simd.Sub(scratch, feature, d.Mean.Data()[quarters*c:][:c])
	w := d.Whiten.Data()[quarters*c*c:][:c*c]
	var sum float64
	for i := range c {
		y := float64(simd.Dot(w[i*c:i*c+i+1], scratch[:i+1]))
		sum += float64(y * y)
	}
	return float32(math.Sqrt(sum))
}

// Fit sets the distribution of one quarter turn to that of features [n C]. The covariance
// is shrunk towards a multiple of the unit matrix as far as its error asks for (Chen,
// Wiesel, Eldar and Hero, "Shrinkage algorithms for MMSE covariance estimation", IEEE
// Transactions on Signal Processing 2010: OAS). Features that are all the same are far from
// any other. It is an error if there is none.
func (d *Density[T]) Fit(quarters int, features []T) error {
	c := d.Mean.Dim(1)
	n := len(features) / c
	if n == 0 {
		return errors.New("anomem: the density of no feature")
	}
	mean, cov := moments(features, n, c)
	shrink(cov, n, c)
	for i := range c {
		cov[i*(c+1)] += least
	}
	factor, ok := inverseCholesky(cov, c)
	if !ok {
		return errors.New("anomem: the density of features that are not finite")
	}
	for i, v := range mean {
		d.Mean.Data()[quarters*c+i] = T(v)
	}
	for i, v := range factor {
		d.Whiten.Data()[quarters*c*c+i] = T(v / math.Sqrt(float64(c)))
	}
	return nil
}

// least is added to all variances: the square of what rounding leaves of a unit vector.
const least = 1e-13

// moments returns the mean [c] and the covariance [c c] of n rows.
func moments[T autograd.Float](rows []T, n, c int) (mean, cov []float64) {
	mean, cov = make([]float64, c), make([]float64, c*c)
	for i, v := range rows[:n*c] {
		mean[i%c] += float64(v)
	}
	for i := range mean {
		mean[i] /= float64(n)
	}
	off := make([]float64, c)
	for r := range n {
		for i := range off {
			off[i] = float64(rows[r*c+i]) - mean[i]
		}
		for i, a := range off {
			row := cov[i*c : i*c+i+1]
			for j := range row {
				row[j] += float64(a * off[j])
			}
		}
	}
	for i := range c {
		for j := range i + 1 {
			cov[i*c+j] /= float64(n)
			cov[j*c+i] = cov[i*c+j]
		}
	}
	return mean, cov
}

// shrink replaces the covariance S of n rows by (1-ρ)S + ρ·tr(S)/c·I, with OAS's ρ, which it
// returns.
func shrink(s []float64, n, c int) (rho float64) {
	var trace, square float64
	for i, v := range s {
		square += float64(v * v)
		if i%(c+1) == 0 {
			trace += v
		}
	}
	p := float64(c)
	t2 := float64(trace * trace)
	rho = 1
	if below := float64((float64(n) + 1 - 2/p) * (square - t2/p)); below > 0 {
		rho = min(1, (float64((1-2/p)*square)+t2)/below)
	}
	for i := range s {
		s[i] = float64((1 - rho) * s[i])
		if i%(c+1) == 0 {
			s[i] += float64(rho * trace / p)
		}
	}
	return rho
}

// inverseCholesky is cholesky.Inverse.
func inverseCholesky(a []float64, c int) ([]float64, bool) { return cholesky.Inverse(a, c) }
