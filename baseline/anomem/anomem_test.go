package anomem

import (
	"context"
	"fmt"
	"image"
	"math"
	"slices"
	"strings"
	"testing"

	"anomem"
	"anomem/autograd"
	"anomem/baseline"
	"anomem/dataset"
	"anomem/eval"
	"anomem/imageio"
	"anomem/simd/pool"
	"anomem/synthetic"
)

// drawn returns parts to train on and, with some anomalies among them, to test on.
func drawn(train, test int) (learn, others dataset.Samples) {
	o := synthetic.Options{Scene: synthetic.Part}
	for i := range train {
		learn = append(learn, o.Normal(1, i).Sample)
	}
	for i := range test {
		others = append(others, o.Normal(1, train+i).Sample, o.Anomaly(1, i, synthetic.Object).Sample)
	}
	return learn, others
}

// quick returns a detector that makes a few steps.
func quick(t *testing.T, more ...string) *Detector {
	t.Helper()
	d := New()
	for _, s := range append([]string{"preset=quick", "kind=object", "train.steps=24", "train.batch=32"}, more...) {
		if err := d.Set(s); err != nil {
			t.Fatal(err)
		}
	}
	return d
}

// A few steps tell other objects from parts, which chance does not; the same seed gives the
// same scores on any number of threads.
func TestFit(t *testing.T) {
	learn, others := drawn(32, 12)
	var before []float64
	for _, threads := range []int{1, 3} {
		p := pool.New(threads)
		defer p.Close()
		d := quick(t)
		if err := d.Fit(context.Background(), learn, baseline.Options{Seed: 5, Pool: p}); err != nil {
			t.Fatal(err)
		}
		var images []*imageio.Image
		var anomalous []bool
		for _, s := range others {
			images, anomalous = append(images, s.Image), append(anomalous, !s.Normal)
		}
		scores := d.ScoreBatch(images)
		if before != nil && !slices.Equal(scores, before) {
			t.Error("the number of threads changes scores")
		}
		before = scores
		if got := d.Score(images[3]); got != scores[3] {
			t.Errorf("Score %v, ScoreBatch %v", got, scores[3])
		}
		if a, err := eval.AUROC(scores, anomalous); err != nil || a < 0.75 {
			t.Errorf("AUROC %v, %v", a, err)
		}
		if m := d.Map(images[0]); m.W != 32 || m.H != 32 {
			t.Errorf("a map of %d×%d", m.W, m.H)
		}
	}
}

// What Set sets is what Fit trains by.
func TestSet(t *testing.T) {
	learn, _ := drawn(8, 0)
	d := quick(t, "shift=none", "memory.beta=4", "score.kind=l2")
	kind, why, err := d.kindOf(context.Background(), learn, false)
	if err != nil || kind.String() != "object" || why != "as was asked for" {
		t.Errorf("%v, %s, %v", kind, why, err)
	}
	r, err := d.plan(learn, kind, baseline.Options{Seed: 9})
	if err != nil {
		t.Fatal(err)
	}
	if r.Config.Memory.Beta != 4 || r.Options.Shift.String() != "none" || r.Options.Steps != 24 || r.Options.Seed != 9 || r.Config.Encoder.Width != 0.125 || r.Score != "l2" || r.Budget != 0 {
		t.Errorf("%+v, %+v, score %q, budget %v", r.Config, r.Options, r.Score, r.Budget)
	}
	if r, err = New().plan(learn, kind, baseline.Options{}); err != nil || r.Budget != defaultBudget || r.Score != "" {
		t.Errorf("budget %v, score %q, %v", r.Budget, r.Score, err)
	}
	for assignment, want := range map[string]string{
		"kind=face":       "kind",
		"align=maybe":     "want auto, always or never",
		"preset=huge":     "huge",
		"shift=left":      "shift",
		"memory.bata=4":   "memory.beta",
		"memory.beta":     "NAME=VALUE",
		"train.batch=two": "train.batch",
	} {
		if err := New().Set(assignment); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", assignment, err)
		}
	}
	if err := quick(t, "train.momentum=2").Fit(context.Background(), learn, baseline.Options{}); err == nil || !strings.HasPrefix(err.Error(), "baseline: anomem: ") {
		t.Errorf("a momentum of 2: %v", err)
	}
}

// Screws in any pose are aligned unless that is not wanted, and are then parts; small images
// cannot be.
func TestAlign(t *testing.T) {
	var screws dataset.Samples
	for i := range 8 {
		screws = append(screws, synthetic.Options{Scene: synthetic.Screw, Size: 512}.Normal(1, i).Sample)
	}
	small, _ := drawn(4, 0)
	for _, c := range []struct {
		settings []string
		src      dataset.Samples
		aligned  bool
		kind     string // "": what the images tell, which costs time
	}{
		{nil, screws, true, "part"},
		{[]string{"align=never"}, screws, false, ""},
		{[]string{"kind=texture"}, screws, false, "texture"},
		{nil, small, false, ""},
	} {
		d := New()
		for _, s := range c.settings {
			if err := d.Set(s); err != nil {
				t.Fatal(err)
			}
		}
		seen, template, err := d.aligned(context.Background(), c.src)
		if err != nil || (template != nil) != c.aligned || seen.Len() != len(c.src) {
			t.Errorf("%v: template %v, %v", c.settings, template, err)
		}
		if c.kind == "" {
			continue
		}
		kind, _, err := d.kindOf(context.Background(), c.src, c.aligned)
		if err != nil || kind.String() != c.kind {
			t.Errorf("%v: %v, %v", c.settings, kind, err)
		}
	}
	d := New()
	if err := d.Set("align=always"); err != nil {
		t.Fatal(err)
	}
	if err := d.Fit(context.Background(), small, baseline.Options{}); err == nil || !strings.Contains(err.Error(), "cannot be aligned") {
		t.Error(err)
	}
}

// Features are what the encoder gives for an image as a whole, of each of several.
func TestFeatures(t *testing.T) {
	learn, others := drawn(16, 2)
	d := quick(t, "train.steps=2")
	if err := d.Fit(context.Background(), learn, baseline.Options{Seed: 5}); err != nil {
		t.Fatal(err)
	}
	input := d.model.Config().Input
	x := autograd.New[float32](1, input.Size, input.Size, 3)
	input.Prepare(x.Data(), others[1].Image, image.Rect(0, 0, others[1].Image.W, others[1].Image.H))
	want := d.model.Parts().Encoder.Forward(autograd.NewGraph[float32](nil), x).Data()
	got := d.Features([]*imageio.Image{others[0].Image, others[1].Image})
	if len(got) != 2 || len(got[1]) != len(want) {
		t.Fatalf("%d rows", len(got))
	}
	for i, v := range want {
		if math.Abs(float64(got[1][i]-v)) > 1e-5*(1+math.Abs(float64(v))) {
			t.Errorf("feature %d is %v, want %v", i, got[1][i], v)
		}
	}
	if slices.Equal(got[0], got[1]) {
		t.Error("two images have the same features")
	}
}

// Scores are merged from those at each scale.
func TestScoreScales(t *testing.T) {
	learn, others := drawn(16, 3)
	d := quick(t, "train.steps=2", "scales.0.lambda=0")
	if err := d.Fit(context.Background(), learn, baseline.Options{Seed: 5}); err != nil {
		t.Fatal(err)
	}
	images := []*imageio.Image{others[0].Image, others[1].Image, others[2].Image}
	scores, scales := d.ScoreScales(images)
	for i, img := range images {
		if len(scales[i]) != 2 || scores[i] != scales[i][1] || scales[i][0] == scales[i][1] || d.Score(img) != scores[i] {
			t.Errorf("image %d: %v from %v", i, scores[i], scales[i])
		}
	}
}

// Each position of each scale is compared with each pattern, and stands for its part of the image.
func TestRecall(t *testing.T) {
	learn, others := drawn(16, 2)
	d := quick(t, "train.steps=2")
	if err := d.Fit(context.Background(), learn, baseline.Options{Seed: 5}); err != nil {
		t.Fatal(err)
	}
	images := []*imageio.Image{others[0].Image, others[1].Image}
	var want [][]float32
	var cells []string
	d.model.EachSquare(images, nil, func(_ *autograd.Graph[float32], of []anomem.Square, scales []anomem.Analysis) {
		for k := range of {
			for s, a := range scales {
				rows, cols, c := a.Map.Dim(1), a.Map.Dim(2), a.Map.Dim(3)
				for i := range rows * cols {
					z := a.Map.Data()[(k*rows*cols+i)*c:][:c]
					want = append(want, cosines(z, d.model.Parts().Memories[s].Patterns.Data()))
					w, h := 32/cols, 32/rows
					cells = append(cells, fmt.Sprint(k, s, image.Rect(i%cols*w, i/cols*h, (i%cols+1)*w, (i/cols+1)*h)))
				}
			}
		}
	})
	at := 0
	d.Recall(images, func(p baseline.Position) {
		if got := fmt.Sprint(p.Image, p.Scale, p.Cell); got != cells[at] || p.From != images[p.Image] {
			t.Errorf("position %d is %s, want %s", at, got, cells[at])
		}
		for n, v := range p.Similarity {
			if math.Abs(float64(v-want[at][n])) > 1e-5 || len(p.Similarity) != len(want[at]) {
				t.Fatalf("position %d, pattern %d: %v, want %v", at, n, v, want[at][n])
			}
		}
		at++
	})
	if at != len(want) {
		t.Errorf("%d positions, want %d", at, len(want))
	}
}

// cosines returns the cosine of z with each of patterns.
func cosines(z, patterns []float32) (all []float32) {
	for from := 0; from < len(patterns); from += len(z) {
		var zx, zz, xx float64
		for i, v := range z {
			x := float64(patterns[from+i])
			zx, zz, xx = zx+float64(v)*x, zz+float64(v)*float64(v), xx+x*x
		}
		all = append(all, float32(zx/math.Sqrt(zz*xx)))
	}
	return all
}

// An aligned image is compared as it is cut.
func TestRecallAligned(t *testing.T) {
	var screws dataset.Samples
	for i := range 8 {
		screws = append(screws, synthetic.Options{Scene: synthetic.Screw, Size: 512}.Normal(1, i).Sample)
	}
	d := quick(t, "kind=part", "align=always", "train.steps=1", "train.batch=8")
	if err := d.Fit(context.Background(), screws, baseline.Options{Seed: 5}); err != nil {
		t.Fatal(err)
	}
	img := screws[0].Image
	want := d.model.Template().Cut(img).Image(img)
	seen := false
	d.Recall([]*imageio.Image{img}, func(p baseline.Position) {
		seen = true
		if p.From.W != want.W || p.From.H != want.H || !slices.Equal(p.From.Pix, want.Pix) {
			t.Fatalf("an image of %d×%d, cut to %d×%d", p.From.W, p.From.H, want.W, want.H)
		}
	})
	if !seen {
		t.Error("no position")
	}
}
