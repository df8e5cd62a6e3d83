package hopfield

import (
	"slices"
	"testing"

	"anomem/autograd"
	"anomem/nn"
	"anomem/nn/rng"
)

func TestFromFeaturesDrawsDifferentRows(t *testing.T) {
	const rows, channels = 12, 4
	features := normal[float32](31, 1, rows, channels).Data()
	clear(features[4*channels : 6*channels]) // rows 4 and 5 have no direction
	seen := map[int]bool{}
	for seed := range uint64(20) {
		m, err := FromFeatures(features, channels, 8, rng.New(seed), DefaultConfig())
		if err != nil {
			t.Fatal(err)
		}
		drawn := map[int]bool{}
		for i := range 8 {
			p := m.Patterns.Data()[i*channels : (i+1)*channels]
			for k := range rows {
				if slices.Equal(p, features[k*channels:(k+1)*channels]) {
					drawn[k], seen[k] = true, true
				}
			}
		}
		if len(drawn) != 8 || drawn[4] || drawn[5] {
			t.Errorf("seed %d: rows %v were drawn", seed, drawn)
		}
		again, _ := FromFeatures(features, channels, 8, rng.New(seed), DefaultConfig())
		if !slices.Equal(m.Patterns.Data(), again.Patterns.Data()) {
			t.Errorf("seed %d gives two memories", seed)
		}
	}
	if len(seen) != rows-2 {
		t.Errorf("in 20 draws only rows %v", seen)
	}
	if _, err := FromFeatures(features, channels, 11, rng.New(1), DefaultConfig()); err == nil || err.Error() != "hopfield: 10 usable feature rows for 11 patterns" {
		t.Errorf("11 of 10 rows: %v", err)
	}
	if _, err := FromFeatures(features[:5], channels, 1, rng.New(1), DefaultConfig()); err == nil {
		t.Error("a row and a quarter are taken for rows")
	}
}

func TestRandomIsStandardNormal(t *testing.T) {
	m := Random[float64](200, 50, rng.New(32), DefaultConfig())
	var sum, sq float64
	for _, v := range m.Patterns.Data() {
		sum += v
		sq += v * v
	}
	if mean, variance := sum/1e4, sq/1e4; mean > 0.03 || mean < -0.03 || variance < 0.95 || variance > 1.05 {
		t.Errorf("mean %g, variance %g", mean, variance)
	}
	if !m.Patterns.RequiresGrad() {
		t.Error("the patterns are not learned")
	}
}

func TestKMeansFindsClusters(t *testing.T) {
	const channels, clusters, each = 6, 4, 25
	centres := normal[float32](33, 4, clusters, channels).Data()
	noise := normal[float32](34, 0.05, clusters*each, channels).Data()
	features := make([]float32, len(noise))
	for k := range clusters * each {
		for c := range channels {
			features[k*channels+c] = centres[k%clusters*channels+c] + noise[k*channels+c]
		}
	}
	g := autograd.NewGraph[float32](nil)
	for _, s := range similarities {
		found := map[int]bool{}
		// Started in too few clusters, Lloyd's algorithm misses the others: one of some
		// starts finds all.
		for seed := range uint64(5) {
			m, err := KMeans(features, channels, clusters, 50, rng.New(35, seed), Config{Beta: 2, Updates: 1, Similarity: s})
			if err != nil {
				t.Fatal(err)
			}
			near := map[int]bool{}
			want := autograd.FromSlice(slices.Clone(centres), clusters, channels)
			if s == Unit {
				want = Normalize(g, want, s)
			}
			for i := range clusters {
				for j := range clusters {
					if distance(m.Patterns.Data()[i*channels:(i+1)*channels], want.Data()[j*channels:(j+1)*channels]) < 0.1 {
						near[j] = true
					}
				}
			}
			if len(near) > len(found) {
				found = near
			}
		}
		if len(found) != clusters {
			t.Errorf("%v: clusters %v of %d are found", s, found, clusters)
		}
	}
}

// With more centres than different rows, the surplus centres are rows too.
func TestKMeansOfEqualRows(t *testing.T) {
	features := slices.Repeat([]float32{1, 2, 3}, 6)
	for _, s := range similarities {
		m, err := KMeans(features, 3, 4, 10, rng.New(36), Config{Beta: 2, Updates: 1, Similarity: s})
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range m.Patterns.Data() {
			if v-v != 0 || v == 0 {
				t.Errorf("%v: element %d is %g", s, i, v)
			}
		}
	}
}

func TestMemoryHoldsPatterns(t *testing.T) {
	m := Random[float32](5, 4, rng.New(37), DefaultConfig())
	entries := nn.Entries[float32](m, "memory.3")
	if len(entries) != 1 || entries[0].Name != "memory.3.patterns" || entries[0].Tensor != m.Patterns || entries[0].Decay {
		t.Errorf("entries %+v: want the patterns alone, without weight decay", entries)
	}
	z := normal[float32](38, 1, 2, 4)
	g := autograd.NewGraph[float32](nil)
	if !slices.Equal(m.Retrieve(g, z).Data(), Retrieve(g, z, m.Patterns, m.Config).Data()) {
		t.Error("the method is not the function")
	}
}
