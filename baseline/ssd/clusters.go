package ssd

import (
	"math"

	"anomem"
	"anomem/hopfield"
	"anomem/nn/rng"
	"anomem/simd"
)

// clusters are normal distributions of features, one for each cluster.
type clusters struct {
	channels int
	density  []*anomem.Density[float32]
}

// rounds is the most rounds of k-means.
const rounds = 50

// newClusters returns the distributions of n clusters of unit features [R c], found by
// spherical k-means.
func newClusters(features []float32, c, n int, seed uint64) (*clusters, error) {
	parts := [][]float32{features}
	if n != 1 {
		m, err := hopfield.KMeans(features, c, n, rounds, rng.New(seed, rng.Name("ssd: clusters")), hopfield.Config{Similarity: hopfield.Unit})
		if err != nil {
			return nil, err
		}
		parts = split(features, m.Patterns.Data(), c)
	}
	all := &clusters{channels: c}
	for _, p := range parts {
		if len(p) == 0 {
			continue
		}
		d := anomem.NewDensity[float32](1, c)
		if err := d.Fit(0, p); err != nil {
			return nil, err
		}
		all.density = append(all.density, d)
	}
	return all, nil
}

// split returns the features that are nearest to each of the centres.
func split(features, centres []float32, c int) [][]float32 {
	parts := make([][]float32, len(centres)/c)
	for lo := 0; lo < len(features); lo += c {
		row := features[lo : lo+c]
		best, most := 0, float32(math.Inf(-1))
		for k := range parts {
			if dot := simd.Dot(row, centres[k*c:(k+1)*c]); dot > most {
				best, most = k, dot
			}
		}
		parts[best] = append(parts[best], row...)
	}
	return parts
}

// nearest returns the least squared Mahalanobis distance of z from a cluster's mean:
//
//	min_m (z-μ_m)ᵀ Σ_m⁻¹ (z-μ_m)
func (k *clusters) nearest(z []float32) float64 {
	least := math.Inf(1)
	off := make([]float32, k.channels)
	for _, d := range k.density {
		simd.Sub(off, z, d.Mean.Data())
		var sum float64
		for i := range k.channels {
			y := float64(simd.Dot(d.Whiten.Data()[i*k.channels:][:i+1], off[:i+1]))
			sum += float64(y * y)
		}
		least = min(least, float64(sum*float64(k.channels))) // the density divides by C
	}
	return least
}
