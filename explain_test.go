package anomem

import (
	"reflect"
	"testing"

	"anomem/autograd"
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
		if err := m.Calibrate([]float64{0.1, 0.2, 0.3}, 0.25); err != nil {
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
	m.EachSquare([]*Image{img}, func(_ *autograd.Graph[float32], of []Square, _ []Analysis) { squares += len(of) })
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
