package energy

import (
	"errors"
	"math"

	"anomem/internal/cholesky"
)

// Normal is a normal distribution of the energies of windows.
type Normal struct {
	Mean   []float32 // μ, [Values]
	Whiten []float32 // the rows of L⁻¹ with LLᵀ = Σ, up to the diagonal, [Triangle]
}

// Triangle is the number of values of Normal.Whiten.
const Triangle = Values * (Values + 1) / 2

// Distances returns how far each window of m is from what is normal, by Mahalanobis's distance,
//
//	√((v - μ)ᵀ Σ⁻¹ (v - μ) / C)
//
// about 1 for what is normal, [Rows Cols].
func (n Normal) Distances(m Map) []float32 {
	d := make([]float32, m.Rows*m.Cols)
	var off [Values]float64
	for k := range d {
		for i := range off {
			off[i] = float64(m.Value[k*Values+i]) - float64(n.Mean[i])
		}
		var square float64
		w := n.Whiten
		for i := range off {
			var y float64
			for j, v := range off[:i+1] {
				y += float64(float64(w[j]) * v)
			}
			square += float64(y * y)
			w = w[i+1:]
		}
		d[k] = float32(math.Sqrt(square / Values))
	}
	return d
}

// Moments sums the energies of windows and their products.
type Moments struct {
	n      float64
	sum    [Values]float64
	square [Triangle]float64
}

// Add adds the windows of m for which inside is true; nil: all.
func (s *Moments) Add(m Map, inside []bool) {
	for k := range m.Rows * m.Cols {
		if inside != nil && !inside[k] {
			continue
		}
		s.n++
		at := 0
		for i, v := range m.Value[k*Values:][:Values] {
			s.sum[i] += float64(v)
			for _, u := range m.Value[k*Values:][:i+1] {
				s.square[at] += float64(float64(v) * float64(u))
				at++
			}
		}
	}
}

// Without returns the moments of s without those of t, which are part of s.
func (s Moments) Without(t Moments) Moments {
	s.n -= t.n
	for i, v := range t.sum {
		s.sum[i] -= v
	}
	for i, v := range t.square {
		s.square[i] -= v
	}
	return s
}

const (
	ridge = 1e-3 // the share of the mean variance that is added to all variances
	least = 1e-6 // added likewise, for images that show nothing: the square of a thousandth of a level
)

// Normal returns the distribution of the windows. It is an error if there is none.
func (s Moments) Normal() (Normal, error) {
	if s.n == 0 {
		return Normal{}, errors.New("energy: the distribution of no window")
	}
	n := Normal{make([]float32, Values), make([]float32, 0, Triangle)}
	covariance := make([]float64, Values*Values)
	at, trace := 0, 0.0
	for i := range Values {
		n.Mean[i] = float32(s.sum[i] / s.n)
		for j := range i + 1 {
			v := s.square[at]/s.n - float64((s.sum[i]/s.n)*(s.sum[j]/s.n))
			covariance[i*Values+j], covariance[j*Values+i] = v, v
			at++
		}
		trace += covariance[i*(Values+1)]
	}
	for i := range Values {
		covariance[i*(Values+1)] += float64(ridge*trace)/Values + least
	}
	whiten, ok := cholesky.Inverse(covariance, Values)
	if !ok {
		return Normal{}, errors.New("energy: the windows have no covariance")
	}
	for i := range Values {
		for _, v := range whiten[i*Values:][:i+1] {
			n.Whiten = append(n.Whiten, float32(v))
		}
	}
	return n, nil
}
