package anomem

import (
	"reflect"
	"testing"

	"anomem/autograd"
	"anomem/imageio"
)

// One pass gives the same bits as separate scores and heatmaps: for whole images and tiles,
// with one head a scale and with two, alone and in batches.
func TestExplainIsScoreAndHeatmap(t *testing.T) {
	turned := tiled(tinyConfig())
	turned.Score.Rotations = true
	local := tiled(tinyConfig())
	local.Score.Kind, local.Head.Local = ScoreHeads, true
	for _, c := range append(kinds(), turned, paired(tinyConfig()), paired(tiled(tinyConfig())), local) {
		m := tinyModel(t, c, nil)
		if err := m.Calibrate([]float64{0.1, 0.2, 0.3}, Promise{Alpha: 0.25}); err != nil {
			t.Fatal(err)
		}
		images := someImages()
		for i, got := range m.Explain(images) {
			if want := m.Score(images[i]); !sameResult(got.Result, want) {
				t.Errorf("%+v, image %d: %+v, by itself %+v", c.Score, i, got.Result, want)
			}
			if want := m.Heatmap(images[i]); !reflect.DeepEqual(got.Heatmap, want) {
				t.Errorf("%+v, image %d: another heatmap than by itself", c.Score, i)
			}
		}
	}
	if got := tinyModel(t, tinyConfig(), nil).Explain(nil); len(got) != 0 {
		t.Errorf("no images: %v", got)
	}
}

// An image and its heatmap take one pass through the encoder: no more squares are analysed
// than for the score alone.
func TestExplainEncodesOnce(t *testing.T) {
	m := tinyModel(t, tiled(tinyConfig()), nil)
	img := pictureOf(1, 40, 30)
	squares := 0
	m.EachSquare([]*Image{img}, nil, func(_ *autograd.Graph[float32], of []Square, _ []Analysis) { squares += len(of) })
	for what, explain := range map[string]func(){
		"score":   func() { m.Score(img) },
		"explain": func() { m.Explain([]*Image{img}) },
	} {
		before := m.analysed.Load()
		explain()
		if got := int(m.analysed.Load() - before); got != squares {
			t.Errorf("%s analyses %d squares of %d", what, got, squares)
		}
	}
}

// An image of one colour, which is its own rotated copy, is anomalous at any rate that the
// calibration can promise, unless the model was trained on such images.
func TestBlankImagesAreAnomalous(t *testing.T) {
	c := tinyConfig()
	c.Score.Rotations = true
	blank, other := imageio.NewImage(16, 16), pictureOf(3, 16, 16)
	for _, trained := range []bool{false, true} {
		c.Input.Blank = trained
		m := tinyModel(t, c, nil)
		raw := m.Score(blank).Score
		if err := m.Calibrate([]float64{raw + 1, raw + 2, raw + 3}, Promise{Alpha: 0.25}); err != nil {
			t.Fatal(err)
		}
		got := m.Score(blank)
		if want := !trained; got.Anomalous != want || (got.PValue == 0.25) != want || (got.Score > raw+3) != want {
			t.Errorf("trained on such %v: %+v", trained, got)
		}
		if trained && got.Score != raw {
			t.Errorf("a score of %v, not %v", got.Score, raw)
		}
		if a, b := m.Score(other), tinyModel(t, c, nil).Score(other); a.Score != b.Score {
			t.Errorf("another image: %v, not %v", a.Score, b.Score)
		}
	}
}
