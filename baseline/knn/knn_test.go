package knn

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"

	"anomem/baseline"
	"anomem/baseline/internal/nearest"
	"anomem/dataset"
	"anomem/imageio"
	"anomem/nn/rng"
	"anomem/simd/pool"
)

const encoder = "../../testdata/resnet/resnet18-small.safetensors"

// The mean squared distance is that of scikit-learn's NearestNeighbors, up to float32.
func TestAgainstScikitLearn(t *testing.T) {
	var f struct {
		Cases []struct {
			D, K               int
			Rows, Queries, KNN []float64
		}
	}
	text, err := os.ReadFile("../../testdata/baseline/neighbours.json")
	if err == nil {
		err = json.Unmarshal(text, &f)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range f.Cases {
		single := func(x []float64) (y []float32) {
			for _, v := range x {
				y = append(y, float32(v))
			}
			return y
		}
		d := New(Config{Neighbours: c.K})
		d.normal = nearest.NewRows(single(c.Rows), c.D)
		queries := single(c.Queries)
		for i, want := range c.KNN {
			if got := d.score(queries[i*c.D : (i+1)*c.D]); math.Abs(got-want) > 1e-6*want {
				t.Errorf("%d neighbours: %v, want %v", c.K, got, want)
			}
		}
	}
}

// pictures are grey, with noise, and brighter to the right for bright > 0.
func pictures(name string, n, bright int) dataset.Samples {
	r := rng.New(2, rng.Name(name))
	var all dataset.Samples
	for range n {
		img := imageio.NewImage(16, 16)
		for i := range img.Pix {
			img.Pix[i] = byte(80 + r.IntN(20) + bright*(i/3%16))
		}
		all = append(all, dataset.Sample{Image: img, Normal: true})
	}
	return all
}

// A picture that was learned from is its own nearest, and pictures unlike the normal ones are
// farther from these than others.
func TestDetector(t *testing.T) {
	p := pool.New(2)
	defer p.Close()
	learned := pictures("normal", 30, 0)
	d, one := New(Config{Neighbours: 2, Encoder: encoder, Size: 16}), New(Config{Neighbours: 1, Encoder: encoder, Size: 16})
	for _, d := range []*Detector{d, one} {
		if err := d.Fit(context.Background(), learned, baseline.Options{Pool: p}); err != nil {
			t.Fatal(err)
		}
	}
	if got := one.Score(learned[3].Image); got != 0 {
		t.Errorf("a picture that was learned from scores %v", got)
	}
	var normal float64
	for _, s := range pictures("test", 10, 0) {
		normal = max(normal, d.Score(s.Image))
	}
	for _, s := range pictures("odd", 10, 6) {
		if got := d.Score(s.Image); got <= normal {
			t.Errorf("%v, and up to %v for normal pictures", got, normal)
		}
	}
	if d.Map(learned[0].Image) != nil {
		t.Error("a mean is somewhere")
	}
}

func TestRefuses(t *testing.T) {
	for want, c := range map[string]Config{
		"0 neighbours: want": {Encoder: encoder},
		"no such file":       {Neighbours: 1, Encoder: "nothing"},
	} {
		if err := New(c).Fit(context.Background(), pictures("normal", 3, 0), baseline.Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
