package synthetic

import (
	"math"
	"testing"

	"anomem/nn/rng"
)

// TestTrivialDetectorsAreBlind holds the small scenes to what they are for: over the
// mixture of kinds, neither the distance of a picture's mean colour from the normals'
// nor what principal components leave of its pixels tells anomalies from normals.
func TestTrivialDetectorsAreBlind(t *testing.T) {
	seeds, train, each := uint64(10), 250, 50
	if testing.Short() {
		seeds = 2
	}
	for _, o := range []Options{{Scene: Part}, {Scene: Texture}} {
		for seed := range seeds {
			var fit, normal, anomalous []Sample
			for i := range train {
				fit = append(fit, o.Normal(seed, i))
			}
			for i := range 3 * each {
				normal = append(normal, o.Normal(seed, train+i))
			}
			for i := range each {
				for _, k := range o.Kinds() {
					anomalous = append(anomalous, o.Anomaly(seed, i, k))
				}
			}
			for _, d := range append(principal(fit, 8, 32), meanColour(fit)) {
				a := auroc(scores(d.score, normal), scores(d.score, anomalous))
				t.Logf("%v, seed %d: %s %.1f", o.Scene, seed, d.name, a)
				if a >= 75 {
					t.Errorf("%v, seed %d: %s reaches AUROC %.1f, want < 75", o.Scene, seed, d.name, a)
				}
			}
		}
	}
}

// detector scores a picture; more is more anomalous.
type detector struct {
	name  string
	score func(Sample) float64
}

func scores(f func(Sample) float64, samples []Sample) []float64 {
	s := make([]float64, len(samples))
	for i, v := range samples {
		s[i] = f(v)
	}
	return s
}

// auroc is 100 times the chance that an anomaly scores above a normal.
func auroc(normal, anomalous []float64) float64 {
	won := 0.0
	for _, a := range anomalous {
		for _, n := range normal {
			switch {
			case a > n:
				won++
			case a == n:
				won += 0.5
			}
		}
	}
	return 100 * won / float64(len(normal)*len(anomalous))
}

// meanColour is the distance of a picture's mean colour from that of the normals.
func meanColour(fit []Sample) detector {
	mean := func(s Sample) (m rgb) {
		for i, v := range s.Image.Pix {
			m[i%3] += float64(v) / float64(len(s.Image.Pix)/3)
		}
		return m
	}
	var centre rgb
	for _, s := range fit {
		for k, v := range mean(s) {
			centre[k] += v / float64(len(fit))
		}
	}
	return detector{"mean colour", func(s Sample) float64 {
		d := 0.0
		for k, v := range mean(s) {
			d += (v - centre[k]) * (v - centre[k])
		}
		return d
	}}
}

// principal is, for each number of components, the energy of a picture's pixels
// outside the normals' mean and principal components, found by subspace iteration.
func principal(fit []Sample, components ...int) (ds []detector) {
	dim, n := len(fit[0].Image.Pix), components[len(components)-1]
	centre := make([]float64, dim)
	for _, s := range fit {
		for i, v := range s.Image.Pix {
			centre[i] += float64(v) / float64(len(fit))
		}
	}
	centred := func(s Sample) []float64 {
		x := make([]float64, dim)
		for i, v := range s.Image.Pix {
			x[i] = float64(v) - centre[i]
		}
		return x
	}
	dot := func(a, b []float64) float64 {
		var s [4]float64
		for i := 0; i+4 <= len(a); i += 4 {
			for k := range s {
				s[k] += a[i+k] * b[i+k]
			}
		}
		return s[0] + s[1] + s[2] + s[3]
	}
	add := func(a, b []float64, t float64) {
		for i, v := range b {
			a[i] += t * v
		}
	}
	xs := make([][]float64, len(fit))
	for i, s := range fit {
		xs[i] = centred(s)
	}
	r := rng.New(0, rng.Name("basis"))
	basis := make([][]float64, n)
	for k := range basis {
		basis[k] = make([]float64, dim)
		for i := range basis[k] {
			basis[k][i] = r.Norm()
		}
	}
	for range 3 {
		next := make([][]float64, n)
		for k := range next {
			next[k] = make([]float64, dim)
			for _, x := range xs {
				add(next[k], x, dot(x, basis[k]))
			}
			for _, b := range next[:k] { // Gram-Schmidt: the strongest first
				add(next[k], b, -dot(b, next[k]))
			}
			l := 1 / math.Sqrt(dot(next[k], next[k]))
			for i := range next[k] {
				next[k][i] *= l
			}
		}
		basis = next
	}
	for _, c := range components {
		ds = append(ds, detector{"PCA residual", func(s Sample) float64 {
			x := centred(s)
			rest := dot(x, x)
			for _, b := range basis[:c] {
				p := dot(x, b)
				rest -= p * p
			}
			return rest
		}})
	}
	return ds
}
