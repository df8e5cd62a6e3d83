package kmeans

import (
	"context"
	"math"
	"strings"
	"testing"

	"anomem/baseline"
	"anomem/baseline/internal/features"
	"anomem/dataset"
	"anomem/imageio"
	"anomem/nn/rng"
	"anomem/simd/pool"
)

const encoder = "../../testdata/resnet/resnet18-small.safetensors"

// pictures are of two kinds, dark and bright, with noise, and striped if odd.
func pictures(name string, n int, odd bool) dataset.Samples {
	r := rng.New(2, rng.Name(name))
	var all dataset.Samples
	for k := range n {
		img := imageio.NewImage(16, 16)
		for i := range img.Pix {
			v := 60 + 120*(k%2) + r.IntN(10)
			if odd && i/3%4 < 2 {
				v = 240 - v
			}
			img.Pix[i] = byte(v)
		}
		all = append(all, dataset.Sample{Image: img, Normal: true})
	}
	return all
}

// With two centres both kinds are near one, and pictures of neither kind are not; with one
// centre no kind is. The score is the distance from the nearest centre of the features.
func TestDetector(t *testing.T) {
	p := pool.New(2)
	defer p.Close()
	learned := pictures("normal", 30, false)
	two, one := New(Config{Clusters: 2, Starts: 3, Encoder: encoder, Size: 16}), New(Config{Clusters: 1, Starts: 1, Encoder: encoder, Size: 16})
	for _, d := range []*Detector{two, one} {
		if err := d.Fit(context.Background(), learned, baseline.Options{Pool: p, Seed: 1}); err != nil {
			t.Fatal(err)
		}
	}
	var normal float64
	least := math.Inf(1)
	for _, s := range pictures("test", 10, false) {
		normal, least = max(normal, two.Score(s.Image)), min(least, one.Score(s.Image))
	}
	if least < 2*normal {
		t.Errorf("normal pictures are up to %v from the nearer of two centres, and at least %v from one", normal, least)
	}
	for _, s := range pictures("odd", 10, true) {
		if got := two.Score(s.Image); got <= normal {
			t.Errorf("%v, and up to %v for normal pictures", got, normal)
		}
	}
	e, err := features.Open("test", features.Config{File: encoder, Size: 16}, baseline.Options{})
	if err != nil {
		t.Fatal(err)
	}
	rows, err := e.AllPooled(context.Background(), "test", learned)
	if err != nil {
		t.Fatal(err)
	}
	c := e.Channels()[3]
	mean := make([]float64, c)
	for i, v := range rows {
		mean[i%c] += float64(v) / float64(len(learned))
	}
	var sum float64
	for i, v := range e.Pooled(learned[0].Image) {
		sum += (float64(v) - mean[i]) * (float64(v) - mean[i])
	}
	if got, want := one.Score(learned[0].Image), math.Sqrt(sum); math.Abs(got-want) > 1e-5*want {
		t.Errorf("%v from the mean, want %v", got, want)
	}
	if one.Map(learned[0].Image) != nil {
		t.Error("a mean is somewhere")
	}
}

func TestRefuses(t *testing.T) {
	for want, c := range map[string]Config{
		"0 clusters from 3 starts": {Starts: 3, Encoder: encoder},
		"3 clusters from 0 starts": {Clusters: 3, Encoder: encoder},
		"no such file":             {Clusters: 1, Starts: 1, Encoder: "nothing"},
	} {
		if err := New(c).Fit(context.Background(), pictures("normal", 4, false), baseline.Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
