package train

import (
	"math"
	"slices"
	"testing"

	"anomem"
	"anomem/imageio"
	"anomem/train/augment"
)

func TestLevelsFor(t *testing.T) {
	for shortest, want := range map[int]int{32: 0, 255: 0, 256: 1, 511: 1, 512: 2, 5000: 2} {
		if got := levelsFor(shortest, 128); got != want {
			t.Errorf("a shortest side of %d: %d levels, want %d", shortest, got, want)
		}
		c, _ := Settings(Small, augment.Texture, 2*shortest, shortest)
		if c.Input.Levels != want {
			t.Errorf("a texture with a shortest side of %d: %d levels, want %d", shortest, c.Input.Levels, want)
		}
		if c, _ := Settings(Small, augment.Part, 2*shortest, shortest); c.Input.Levels != 0 {
			t.Errorf("a part with a shortest side of %d: %d levels, want 0", shortest, c.Input.Levels)
		}
	}
}

// levelRun returns a training on tiles that are scored at two further levels.
func levelRun(t *testing.T) *Run {
	d := &drawing{}
	for i := range 6 {
		d.add(upright("normal", i, 70, 66), true, nil)
	}
	r := smallRun(t, d)
	r.Config = tiledConfig()
	r.Config.Input.Levels, r.Config.Head.Local = 2, true
	r.Options.Shift, r.Options.Rotations, r.Options.Epochs, r.Promise.Alpha = augment.Blemish, false, 1, 0.3
	held := &drawing{}
	for i := range 5 {
		held.add(upright("held", i, 66+2*i, 64), true, nil)
	}
	r.Held = held
	return r
}

// TestWeighLevels: levels count in units of their spread over normal images, each no more than half
// of level 0; what calibrates a model, and one with new heads, is what it scores.
func TestWeighLevels(t *testing.T) {
	r := levelRun(t)
	m, err := r.Train(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	c := m.Config()
	images := r.Data.(*drawing).images
	var deviations [3][]float64 // of each level and scale
	for level := range deviations {
		alone := c
		alone.Input.Tile, alone.Input.Stride = c.Input.Tile<<level, c.Input.Stride<<level
		alone.Input.Levels, alone.Score.Levels = 0, nil
		one, err := anomem.NewModel(alone, m.Parts(), nil)
		if err != nil {
			t.Fatal(err)
		}
		for s := range c.Scales {
			var of []float64
			for _, img := range images {
				of = append(of, one.Score(img).Scales[s])
			}
			_, std := spread(of)
			deviations[level] = append(deviations[level], std)
		}
	}
	for l, weights := range c.Score.Levels {
		for s, w := range weights {
			if want := min(1, deviations[0][s]/deviations[l+1][s]) / 2; math.Abs(w-want) > 1e-12 {
				t.Errorf("level %d, scale %d: weight %v, want %v", l+1, s, w, want)
			}
		}
	}
	if len(c.Score.Levels) != 2 {
		t.Fatalf("weights %v, want those of 2 levels", c.Score.Levels)
	}
	sorted := func(m *anomem.Model) []float64 { return slices.Sorted(slices.Values(scoresOf(m, r.Held.(*drawing)))) }
	if got, want := m.Calibration().Scores, sorted(m); !slices.Equal(got, want) {
		t.Errorf("calibrated by %v, held-out images have %v", got, want)
	}
	img, _ := spotted(upright("new", 1, 70, 66), 18, 20, 20)
	next, err := Refit(t.Context(), m, &drawing{images: []*imageio.Image{img}, normal: []bool{false}}, r.Options, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := next.Calibration().Scores, sorted(next); !slices.Equal(got, want) {
		t.Errorf("refitted, calibrated by %v, held-out images have %v", got, want)
	}
	if slices.Equal(next.Calibration().Scores, m.Calibration().Scores) {
		t.Error("the refit learned nothing")
	}
}

// Where heads are not scored, no further level is looked at.
func TestLevelsNeedHeads(t *testing.T) {
	r := levelRun(t)
	r.Score = anomem.ScoreCosine
	m, err := r.Train(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if c := m.Config(); c.Input.Levels != 0 || c.Score.Levels != nil {
		t.Errorf("%d levels of weights %v, want none", c.Input.Levels, c.Score.Levels)
	}
}
