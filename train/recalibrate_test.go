package train

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"anomem"
)

// dimmed returns upright pictures under a weaker lamp.
func dimmed(name string, n int) *drawing {
	d := uprights(name, n)
	for _, img := range d.images {
		for k, v := range img.Pix {
			img.Pix[k] = v / 2
		}
	}
	return d
}

// A refit after a new calibration is calibrated by its images, whatever the score.
func TestRefitAfterRecalibrate(t *testing.T) {
	for name, change := range map[string]func(r *Run){
		"heads against rotated copies": func(*Run) {},
		"heads alone":                  func(r *Run) { r.Options.Rotations = false },
		"local heads":                  func(r *Run) { r.Config.Head.Local, r.Options.Rotations = true, false },
		"quarter turns":                func(r *Run) { r.Options = r.Options.withTurns(); r.Options.Batch = 8 },
	} {
		r := smallRun(t, uprights("normal", 16))
		change(r)
		m, err := r.Train(t.Context(), nil)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		lamp := dimmed("lamp", 11)
		if err := Recalibrate(t.Context(), m, lamp, anomem.Promise{Alpha: 0.25}, nil); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for range 2 { // a refitted model is refitted, too
			if m, err = Refit(t.Context(), m, onlyDefects("new", 5), r.Options, func(string) {}, nil); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			want := scoresOf(m, lamp)
			slices.Sort(want)
			if got := m.Calibration().Scores; !slices.Equal(got, want) || m.Promise().Alpha != 0.25 {
				t.Errorf("%s: calibrated by %v for %v, and the lamp's images score %v", name, got, m.Promise(), want)
			}
		}
	}
}

// A model that is recalibrated without its refit file keeps no held-out images, once that is
// back, and takes a promise from new ones alone.
func TestRecalibrateWithoutRefitFile(t *testing.T) {
	r := smallRun(t, uprights("normal", 16))
	m, err := r.Train(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	path, away := filepath.Join(t.TempDir(), "m"), filepath.Join(t.TempDir(), "away")
	load := func() *anomem.Model {
		if m, err = anomem.Load(path, nil); err != nil {
			t.Fatal(err)
		}
		return m
	}
	if err := errorsOf(m.Save(path), os.Rename(anomem.RefitPath(path), away)); err != nil {
		t.Fatal(err)
	}
	lamp := dimmed("lamp", 11)
	if err := Recalibrate(t.Context(), load(), lamp, anomem.Promise{Alpha: 0.25}, nil); err != nil {
		t.Fatal(err)
	}
	if err := errorsOf(m.Save(path), os.Rename(away, anomem.RefitPath(path))); err != nil {
		t.Fatal(err)
	}
	if n := KeptHeld(load()); n != 0 || m.ReplayError() != nil {
		t.Errorf("%d held-out images are kept, %v", n, m.ReplayError())
	}
	if _, err := Refit(t.Context(), m, onlyDefects("new", 5), r.Options, nil, nil); err == nil || !strings.Contains(err.Error(), "by the held-out images that the model keeps") {
		t.Errorf("a refit without held-out images: %v", err)
	}
	if err := Recalibrate(t.Context(), m, lamp, anomem.Promise{Alpha: 0.25}, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := Refit(t.Context(), m, onlyDefects("new", 5), r.Options, nil, nil); err != nil || KeptHeld(m) != 11 {
		t.Errorf("calibrated again, with the file: %v, %d kept", err, KeptHeld(m))
	}
}
