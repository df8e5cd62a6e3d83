package anomem

import (
	"math"
	"path/filepath"
	"slices"
	"testing"

	"anomem/imageio"
)

// levelled returns c, tiled, with further levels that weigh so much at each scale.
func levelled(c Config, weights ...[]float64) Config {
	c = tiled(c)
	c.Score.Kind, c.Head.Local, c.Head.Pool = ScoreHeads, true, 2
	c.Input.Levels, c.Score.Levels = len(weights), weights
	return c
}

// atLevel returns c for the tiles of one level of it alone.
func atLevel(c Config, level int) Config {
	c.Input.Tile, c.Input.Stride = c.Input.Tile<<level, c.Input.Stride<<level
	c.Input.Levels, c.Score.Levels = 0, nil
	return c
}

// TestLevels: the score and the heatmap are those of models of each level alone, added up by the
// weights, and a file keeps them.
func TestLevels(t *testing.T) {
	c := levelled(tinyConfig(), []float64{0.5, 2}, []float64{0.25, 0})
	m := tinyModel(t, c, nil)
	region := imageio.NewMask(70, 50)
	for y := 10; y < 20; y++ {
		for x := 33; x < 60; x++ {
			region.Pix[y*70+x] = true
		}
	}
	imgs, regions := []*Image{pictureOf(1, 70, 50), pictureOf(2, 30, 20), pictureOf(3, 70, 50)}, []*imageio.Mask{nil, nil, region}
	got := m.ExplainIn(imgs, regions)
	lambda := c.weights()
	for i, e := range got {
		scales, heat, size := []float64{0, 0}, make([]float64, len(e.Heatmap.Value)), make([]float64, len(e.Heatmap.Value))
		for level := range 3 {
			for s := range scales {
				one := atLevel(c, level)
				alone := tinyModel(t, one, nil).ExplainIn(imgs[i:i+1], regions[i:i+1])[0]
				one.Scales = slices.Clone(one.Scales)
				one.Scales[0].Lambda, one.Scales[1].Lambda = float64(1-s), float64(s)
				at := tinyModel(t, one, nil).ExplainIn(imgs[i:i+1], regions[i:i+1])[0]
				weight := 1.0
				if level > 0 {
					weight = c.Score.Levels[level-1][s]
				}
				scales[s] += weight * alone.Scales[s]
				for k, v := range at.Heatmap.Value {
					heat[k] += weight * float64(lambda[s]) * float64(v)
					size[k] += math.Abs(weight * float64(lambda[s]) * float64(v))
				}
			}
		}
		for s, want := range scales {
			if e.Scales[s] != want {
				t.Errorf("image %d, scale %d: %v, want %v", i, s, e.Scales[s], want)
			}
		}
		for k, v := range e.Heatmap.Value {
			if regions[i] != nil && !region.Pix[k] {
				continue
			}
			// A value goes through some 30 roundings, and so do those that cover it.
			if want := heat[k]; math.Abs(float64(v)-want) > 60*0x1p-24*size[k] {
				t.Fatalf("image %d, pixel %d: %v, want %v", i, k, v, want)
			}
		}
	}
	path := filepath.Join(t.TempDir(), "m.safetensors")
	if err := m.Save(path); err != nil {
		t.Fatal(err)
	}
	loaded, err := Load(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, img := range imgs[:2] {
		if r := loaded.Score(img); r.Score != got[i].Score {
			t.Errorf("image %d: %v, loaded %v", i, got[i].Score, r.Score)
		}
	}
}

// Only heads see further levels.
func TestLevelsOfOtherScores(t *testing.T) {
	for _, kind := range []ScoreKind{ScoreCosine, ScoreL2} {
		c := levelled(tinyConfig(), []float64{1, 1})
		c.Score.Kind = kind
		img := pictureOf(1, 70, 50)
		got, want := tinyModel(t, c, nil).Explain([]*Image{img})[0], tinyModel(t, atLevel(c, 0), nil).Explain([]*Image{img})[0]
		if got.Score != want.Score {
			t.Errorf("%s: %v, want %v", kind, got.Score, want.Score)
		}
		for k, v := range got.Heatmap.Value {
			if w := want.Heatmap.Value[k]; math.Abs(float64(v-w)) > 4*0x1p-24*math.Abs(float64(w)) {
				t.Fatalf("%s, pixel %d: %v, want %v", kind, k, v, w)
			}
		}
	}
}
