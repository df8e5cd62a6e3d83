package describe

import (
	"os"
	"slices"
	"strings"
	"testing"

	"anomem"
	"anomem/train"
	"anomem/train/augment"
)

// The preset paper departs where docs/paper.md says, and nowhere else.
func TestPaperDepartures(t *testing.T) {
	for _, c := range []struct {
		name         string
		kind         augment.Kind
		side         int
		known, held  int
		want, wanted []string // beside those of all; beginnings of others
	}{
		{"objects", augment.Object, 32, 0, 0, []string{"encoder: a stem for small images, 3×3 without pooling", "views: not blurred"}, nil},
		{"photographs", augment.Object, 1024, 0, 1, []string{"images are cut into tiles", "1 normal image took no part in training and calibrate the score"}, nil},
		{"textures", augment.Texture, 1024, 0, 19, []string{
			"images are cut into tiles", "19 normal images took no part in training and calibrate the score",
			"views: turned by quarters with probability 0.75", "views: colours change with probability 0, not 0.8",
			"views: blurred by 0.1 to 1 pixels, not by 0.1 to 2",
		}, nil},
		{"few known", augment.Object, 1024, 19, 0, []string{"images are cut into tiles", "stage 1 trains on no known anomaly: heads alone learn fewer than 20"}, []string{"heads: "}},
		{"known", augment.Object, 1024, 20, 0, []string{"images are cut into tiles"}, []string{"heads: "}},
	} {
		config, o := train.Settings(train.Paper, c.kind, c.side, c.side)
		if c.known > 0 {
			config.Score.Kind = anomem.ScoreHeads
		}
		want := append(c.want,
			"the patterns start as features of the first batches, not at random",
			"stage 1: the learning rate rises in the first 10 epochs, or the first tenth of all steps, before the cosine",
			"norms take their statistics over at most 128 rows, not over the batch",
		)
		heads := 0
		for _, d := range PlannedDepartures(config, o, c.known, c.held) {
			switch {
			case slices.Contains(want, d):
				want = slices.DeleteFunc(want, func(w string) bool { return w == d })
			case strings.HasPrefix(d, "views: crops of "):
			case len(c.wanted) > 0 && strings.HasPrefix(d, c.wanted[0]):
				heads++
			default:
				t.Errorf("%s: departs without a reason: %s", c.name, d)
			}
		}
		if len(want) > 0 || len(c.wanted) > 0 && heads != 5 {
			t.Errorf("%s: %q are not named, %d departures of heads", c.name, want, heads)
		}
	}
	page, err := os.ReadFile("../docs/paper.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, reason := range []string{"patterns start as features", "fewer than 20 known", "128 rows", "rises before the cosine", "stem for small images", "no blur", "half of each batch", "four views", "standardised", "160 steps", "held out"} {
		if !strings.Contains(string(page), reason) {
			t.Errorf("docs/paper.md does not speak of %q", reason)
		}
	}
}

// A model of the paper's settings has no other departure; each setting that differs is named.
func TestDeparturesOfOptions(t *testing.T) {
	config, o := train.Settings(train.Paper, augment.Object, 1024, 1024)
	had := len(PlannedDepartures(config, o, 0, 0))
	for name, change := range map[string]func(){
		"batch 36, not 1024":                        func() { o.Batch = 36; o.Chunk = 36 },
		"the patterns start as k-means centres":     func() { o.Patterns = train.PatternsKMeans },
		"views: without noise":                      func() { o.Augment.Noise = 0 },
		"views: mirrored with probability 0":        func() { o.Augment.Flip = 0 },
		"views: not cropped":                        func() { o.Augment.CropArea = [2]float64{} },
		"stage 1: the first weights of convolution": func() { o.FirstScale = 0.4 },
	} {
		config, o = train.Settings(train.Paper, augment.Object, 1024, 1024)
		change()
		named := slices.ContainsFunc(PlannedDepartures(config, o, 0, 0), func(d string) bool { return strings.HasPrefix(d, name) })
		if !named {
			t.Errorf("%s: not named in %q", name, PlannedDepartures(config, o, 0, 0))
		}
	}
	config, o = train.Settings(train.Paper, augment.Object, 1024, 1024)
	if o.Patterns = train.PatternsRandom; len(PlannedDepartures(config, o, 0, 0)) != had-1 {
		t.Error("random patterns, the paper's, are a departure")
	}
}
