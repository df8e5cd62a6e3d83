package anomem

import (
	"fmt"
	"hash/fnv"
	"image"
	"math"
	"slices"
	"testing"

	"anomem/imageio"
	"anomem/nn/rng"
	"anomem/simd/pool"
)

// summed returns a configuration whose score is the sum of turns and densities beside heads.
func summed(c Config) Config {
	c.Score.Kind, c.Score.Rotations, c.Score.Beside = ScoreSum, true, 0.5
	for i, kind := range []ScoreKind{ScoreTurns, ScoreDensity, ScoreCosine} {
		t := Term{Kind: kind}
		for s := range c.Scales {
			t.Weight = append(t.Weight, float64(i+1+s))
			t.Mean, t.Std = append(t.Mean, float64(i-s)/4), append(t.Std, float64(1+i+s)/2)
		}
		c.Score.Terms = append(c.Score.Terms, t)
	}
	return c
}

// summedParts returns parts with all that the score of summed needs.
func summedParts(t testing.TB, c Config) *Parts[float32] {
	t.Helper()
	parts := tinyParts[float32](t, c)
	parts.AddTurns(c, 5)
	parts.AddDensities(c)
	r := rng.New(1, rng.Name("density"))
	for s, channels := range c.Channels() {
		for q := range c.Scoring().Copies() {
			rows := make([]float32, 20*channels)
			for i := range rows {
				rows[i] = float32(r.Norm())
			}
			if err := parts.Densities[s].Fit(q, rows); err != nil {
				t.Fatal(err)
			}
		}
	}
	return parts
}

// The sum at each scale is that of its standardised terms, each computed from the classifier
// and the density of the copy's own quarter turns.
func TestSumOfTerms(t *testing.T) {
	for _, c := range []Config{summed(tinyConfig()), summed(tiled(tinyConfig()))} {
		parts := summedParts(t, c)
		m, err := NewModel(c, parts, nil)
		if err != nil {
			t.Fatal(err)
		}
		img := noiseImage(3, 20, 20)
		got := m.Score(img)
		want := make([]float64, len(c.Scales))
		for _, term := range c.Score.Terms {
			single := c
			single.Score.Beside = 0
			plain := Term{Kind: term.Kind, Weight: slices.Repeat([]float64{1}, len(want)), Mean: make([]float64, len(want)), Std: slices.Repeat([]float64{1}, len(want))}
			single.Score.Terms = []Term{plain}
			one, err := NewModel(single, parts, nil)
			if err != nil {
				t.Fatal(err)
			}
			for s, v := range one.Score(img).Scales {
				want[s] += term.Weight[s] * (v - term.Mean[s]) / term.Std[s]
			}
		}
		alone := c
		alone.Score.Kind, alone.Score.Rotations, alone.Score.Terms, alone.Score.Beside = ScoreHeads, false, nil, 0
		heads, err := NewModel(alone, parts, nil)
		if err != nil {
			t.Fatal(err)
		}
		for s, own := range heads.Score(img).Scales {
			want[s] = own + c.Score.Beside*want[s]
			if !(math.Abs(got.Scales[s]-want[s]) <= 1e-12*math.Abs(want[s])) {
				t.Errorf("scale %d: %v, want %v", s, got.Scales[s], want[s])
			}
		}
		if got.Score != Merge(got.Scales, m.scoring.lambda) {
			t.Errorf("score %v of scales %v", got.Score, got.Scales)
		}
	}
}

// Turns score the odds that the classifier gives each copy's own quarter turns, and
// densities the distance from the density of these.
func TestTurnsOfCopies(t *testing.T) {
	c := summed(tinyConfig())
	parts := summedParts(t, c)
	img := noiseImage(4, c.Input.Size, c.Input.Size)
	m, err := NewModel(c, parts, nil)
	if err != nil {
		t.Fatal(err)
	}
	zero, one := make([]float64, len(c.Scales)), slices.Repeat([]float64{1}, len(c.Scales))
	for _, kind := range []ScoreKind{ScoreTurns, ScoreDensity} {
		single := c
		single.Score.Beside = 0
		single.Score.Terms = []Term{{Kind: kind, Weight: one, Mean: zero, Std: one}}
		of, err := NewModel(single, parts, nil)
		if err != nil {
			t.Fatal(err)
		}
		want := make([]float64, len(c.Scales))
		g := m.graph()
		for q := range QuarterTurns {
			x := g.NewTensor(1, c.Input.Size, c.Input.Size, 3)
			turned := img.Rotate90(q)
			c.Input.Prepare(x.Data(), turned, image.Rect(0, 0, turned.W, turned.H))
			for s, a := range m.Analyse(g, x) {
				if kind == ScoreTurns {
					p := math.Exp(float64(parts.Turns[s].Forward(g, a.Map).Data()[q]))
					want[s] += math.Log((1-p)/p) / 4
					continue
				}
				v := DensityFeatures(g, a.Map).Data()
				want[s] += float64(distance(parts.Densities[s], v, q, make([]float32, len(v)))) / 4
			}
		}
		for s, got := range of.Score(img).Scales {
			if !(math.Abs(got-want[s]) <= 1e-6*max(1, math.Abs(want[s]))) { // float32 logarithms
				t.Errorf("%s at scale %d: %v, want %v", kind, s, got, want[s])
			}
		}
	}
}

// A model with classifiers and densities keeps its bits in a file, in batches, and on any
// number of threads.
func TestSumSameBits(t *testing.T) {
	c := summed(tinyConfig())
	m, err := NewModel(c, summedParts(t, c), nil)
	if err != nil {
		t.Fatal(err)
	}
	path := t.TempDir() + "/m.safetensors"
	if err := m.Save(path); err != nil {
		t.Fatal(err)
	}
	p := pool.New(3)
	defer p.Close()
	loaded, err := Load(path, p, ForScoring())
	if err != nil {
		t.Fatal(err)
	}
	imgs := []*Image{noiseImage(1, 20, 20), noiseImage(2, 9, 30), noiseImage(3, 20, 20)}
	for i, r := range loaded.ScoreBatch(imgs) {
		if want := m.Score(imgs[i]); r.Score != want.Score || !slices.Equal(r.Scales, want.Scales) {
			t.Errorf("image %d: %v, want %v", i, r, want)
		}
	}
}

func noiseImage(seed uint64, w, h int) *Image {
	r := rng.New(seed, rng.Name("noise"))
	img := &imageio.Image{W: w, H: h, Pix: make([]byte, 3*w*h)}
	for i := range img.Pix {
		img.Pix[i] = byte(r.IntN(256))
	}
	return img
}

// Densities and sums have the same bits on every machine: those of an amd64.
func TestSumGolden(t *testing.T) {
	c := summed(tinyConfig())
	m, err := NewModel(c, summedParts(t, c), nil)
	if err != nil {
		t.Fatal(err)
	}
	h := fnv.New64a()
	for seed := range uint64(3) {
		for _, v := range m.Score(noiseImage(seed, 20, 20)).Scales {
			fmt.Fprintf(h, "%x ", math.Float64bits(v))
		}
	}
	for _, d := range m.parts.Densities {
		for _, v := range d.Whiten.Data() {
			fmt.Fprintf(h, "%x ", math.Float32bits(v))
		}
	}
	if got, want := h.Sum64(), uint64(0x5974c058da17ffe7); got != want {
		t.Errorf("digest %#x, want %#x", got, want)
	}
}
