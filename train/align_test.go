package train

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"anomem"
	"anomem/align"
	"anomem/dataset"
	"anomem/imageio"
	"anomem/nn/rng"
	"anomem/simd/pool"
)

// turnedPart returns n pictures of a hook, each turned by some quarters; the last ones have a
// hole.
func turnedPart(n, holes int, seed uint64) dataset.Samples {
	r := rng.New(seed)
	var all dataset.Samples
	for i := range n {
		img := imageio.NewImage(80, 80)
		lamp := r.IntN(20)
		for k := range 80 * 80 {
			u, v := k%80-40, k/80-40
			grey := 60 + lamp + r.IntN(8)
			if u > -20 && u < -8 && v > -26 && v < 22 || v > 10 && v < 22 && u > -20 && u < 16 {
				grey += 100
			}
			if s := (u+14)*(u+14) + v*v; i >= n-holes && s < 16 {
				grey = 50
			}
			img.Pix[3*k], img.Pix[3*k+1], img.Pix[3*k+2] = byte(grey), byte(grey), byte(grey)
		}
		all = append(all, dataset.Sample{Image: img.Rotate90(r.IntN(4)), Normal: i < n-holes})
	}
	return all
}

func TestAlignmentOfParts(t *testing.T) {
	parts := turnedPart(16, 2, 1)
	tm, e, err := Alignment(t.Context(), parts)
	if err != nil || tm == nil || !e.Pays() || e.Images != 14 { // normal ones alone
		t.Errorf("%v, %+v, %v", tm, e, err)
	}
	long := dataset.Samples{{Image: imageio.NewImage(201, 100), Normal: true}, {Image: imageio.NewImage(201, 100), Normal: true}}
	region := slices.Clone(parts)
	region[3].Region = imageio.NewMask(80, 80)
	for name, d := range map[string]dataset.Source{"long": long, "with a region": region, "small": uprights("a", 12), "none": dataset.Samples{}} {
		if tm, e, err := Alignment(t.Context(), d); tm != nil || e.Pays() || err != nil {
			t.Errorf("%s: %v, %+v, %v", name, tm, e, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := Alignment(ctx, parts); err != context.Canceled {
		t.Error(err)
	}
}

// alignedRun returns a training on parts that are aligned, and their template.
func alignedRun(t *testing.T) (*Run, *align.Template) {
	t.Helper()
	parts, held := turnedPart(16, 0, 1), turnedPart(12, 0, 2)
	tm, _, err := Alignment(t.Context(), parts)
	if err != nil {
		t.Fatal(err)
	}
	r := smallRun(t, dataset.Align(parts, tm, 1<<20))
	r.Held, r.Template, r.Promise = dataset.Align(held, tm, 0), tm, anomem.Promise{Alpha: 0.25}
	r.Options.Rotations = false
	return r, tm
}

// scoresOfAll returns the scores of images.
func scoresOfAll(m *anomem.Model, all dataset.Samples) []float64 {
	var scores []float64
	for _, s := range all {
		scores = append(scores, m.Score(s.Image).Score)
	}
	return scores
}

// A model that was trained on aligned images takes them as they come, and so do those that are
// made from it.
func TestRunAligned(t *testing.T) {
	r, tm := alignedRun(t)
	m, err := r.Train(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	held := turnedPart(12, 0, 2)
	want := scoresOfAll(m, held)
	slices.Sort(want)
	if m.Template() != tm || !slices.Equal(m.Calibration().Scores, want) {
		t.Errorf("calibrated by %v, and held-out images score %v", m.Calibration().Scores, want)
	}
	lamp := turnedPart(11, 0, 3)
	if err := Recalibrate(t.Context(), m, lamp, anomem.Promise{Alpha: 0.25}, nil); err != nil {
		t.Fatal(err)
	}
	scale := m.HeatScale()
	next, err := Refit(t.Context(), m, dataset.AllAnomalous(turnedPart(5, 5, 4)), r.Options, func(string) {}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []*anomem.Model{m, next} {
		want := scoresOfAll(m, lamp)
		slices.Sort(want)
		if m.Template() != tm || !slices.Equal(m.Calibration().Scores, want) {
			t.Errorf("calibrated by %v, and the lamp's images score %v", m.Calibration().Scores, want)
		}
	}
	if scale == nil || next.HeatScale() == nil {
		t.Error("no scale of heatmaps")
	}
}

// A training that was interrupted goes on, and says in its checkpoint that it aligns.
func TestResumeAligned(t *testing.T) {
	path := filepath.Join(t.TempDir(), "m")
	save := func(m *anomem.Model) string {
		if err := m.Save(path); err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	p := pool.New(1)
	defer p.Close()
	r, _ := alignedRun(t)
	m, err := r.Train(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	want := save(m)
	r, _ = alignedRun(t)
	ctx, cancel := context.WithCancel(t.Context())
	r.Checkpoint, r.OnStep = filepath.Join(t.TempDir(), "c"), func(s Progress) {
		if s.Step == 1 {
			cancel()
		}
	}
	if _, err := r.Train(ctx, p); err == nil {
		t.Fatal("it was not interrupted")
	}
	if s, err := ReadState(r.Checkpoint); err != nil || !s.Aligned {
		t.Errorf("%+v, %v", s.Aligned, err)
	}
	again, _ := alignedRun(t)
	again.Checkpoint = r.Checkpoint
	if m, err = again.Resume(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	if save(m) != want {
		t.Error("another model than that of a training without a break")
	}
}
