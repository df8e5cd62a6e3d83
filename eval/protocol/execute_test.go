package protocol

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"anomem/baseline"
	"anomem/dataset"
	"anomem/imageio"
)

// seen is what a detector was given.
type seen struct {
	normal, anomalous int
	images            []string // of the training
	tested            []string
}

// looker remembers what it sees, by the bytes of the images.
func looker(s *seen) func(string) (baseline.Detector, error) {
	name := func(img *imageio.Image) string {
		return fmt.Sprint(img.W, img.H, img.Pix[:12], img.Pix[len(img.Pix)-6:])
	}
	return func(string) (baseline.Detector, error) {
		return &stub{
			fit: func(_ context.Context, src dataset.Source, _ baseline.Options) error {
				s.anomalous = dataset.Anomalies(src)
				s.normal = src.Len() - s.anomalous
				for i := range src.Len() {
					img, err := src.Image(i)
					if err != nil {
						return err
					}
					s.images = append(s.images, name(img))
				}
				return nil
			},
			score: func(img *imageio.Image) float64 { s.tested = append(s.tested, name(img)); return float64(img.Pix[1]) },
		}, nil
	}
}

// Data without a test split: three tenths of the normal images are tested on, and what was
// drawn is not.
func TestImagesOfARun(t *testing.T) {
	g := grid(OneVsAll, classes(t, 20))
	g.Normal, g.Gammas, g.Draws = []string{"dog"}, []float64{0, 0.3}, 2
	var before []string
	for i, run := range mustPlan(t, g) {
		var s seen
		r, err := Execute(context.Background(), &run, Options{Threads: 1, New: looker(&s)})
		if err != nil {
			t.Fatal(err)
		}
		known := []int{0, 6, 6}[i] // ⌊0.3·14/0.7⌋
		if s.normal != 14 || s.anomalous != known || len(s.tested) != 6+40-known {
			t.Errorf("γ %v: trained on %d and %d, tested on %d", run.Gamma, s.normal, s.anomalous, len(s.tested))
		}
		if r.Trained != 14 || r.Known != known || r.Normal != 6 || r.Anomalous != 40-known || r.Layout != "classes" || r.Title != "stub" {
			t.Errorf("%+v", r)
		}
		for _, name := range s.images {
			if slices.Contains(s.tested, name) {
				t.Errorf("γ %v: an image is trained on and tested", run.Gamma)
			}
		}
		if slices.Equal(s.images, before) {
			t.Error("two draws are the same")
		}
		before = s.images
		total := 0
		for _, c := range r.Scores {
			if total += len(c.Scores); c.Anomalous != (c.Name != "dog") {
				t.Errorf("class %s is anomalous: %v", c.Name, c.Anomalous)
			}
		}
		if total != len(s.tested) || len(r.Kinds) != 2 || r.Kinds[0].Name != "cat" {
			t.Errorf("%d scores, kinds %+v", total, r.Kinds)
		}
	}
}

// Images may lose their colours and their sizes, and be fewer.
func TestChangedImages(t *testing.T) {
	g := grid(OOD, classes(t, 10))
	g.Out = []Data{{Path: filepath.Join(parts(t, "one"), "one"), Side: 8}}
	g.Data.Grey, g.Data.Side, g.Train, g.Test = true, 8, 12, 3
	run := mustPlan(t, g)[0]
	im, err := run.open(context.Background(), 1, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	if n := im.learn.Len(); n != 12 { // of those that are not held out
		t.Errorf("trained on %d", n)
	}
	img, err := im.learn.Image(0)
	if err != nil || img.W != 8 || img.H != 8 || img.Pix[0] != img.Pix[1] || img.Pix[1] != img.Pix[2] {
		t.Errorf("%+v, %v", img, err)
	}
	if w, h := im.learn.Size(0); w != 8 || h != 8 {
		t.Errorf("a size of %d×%d", w, h)
	}
	normal, anomalous, err := im.counts(true)
	if err != nil || normal > 9 || anomalous != 3+3*2 {
		t.Errorf("tested on %d and %d, %v", normal, anomalous, err)
	}
	out := im.test[1]
	if out.class(0) != "one" {
		t.Errorf("class %s", out.class(0))
	}
	for k := range out.Len() {
		mask, err := out.Mask(k)
		if err != nil || mask != nil && (mask.W != 8 || len(mask.Pix) != 64) {
			t.Errorf("a mask of %+v, %v", mask, err)
		}
		if img, err := out.Image(k); err != nil || img.W != 8 {
			t.Errorf("%+v, %v", img, err)
		}
	}
	grey := grey(&imageio.Image{W: 2, H: 1, Pix: []byte{255, 0, 0, 255, 255, 255}})
	if want := []byte{76, 76, 76, 255, 255, 255}; !bytes.Equal(grey.Pix, want) {
		t.Errorf("grey %v, want %v", grey.Pix, want)
	}
}

// A run gives the same bytes on any number of threads; with masks, heatmaps are measured.
func TestSameBytesOnAnyThreads(t *testing.T) {
	g := grid(Folder, parts(t, "one"))
	g.Detectors = []string{"pca"}
	run := mustPlan(t, g)[0]
	var before []byte
	for _, threads := range []int{1, 3} {
		r, err := Execute(context.Background(), &run, Options{Threads: threads, Keep: 1 << 20})
		if err != nil {
			t.Fatal(err)
		}
		if r.Masks == 0 || r.Metrics.PixelAUROC == nil || r.Metrics.PRO == nil {
			t.Errorf("%+v", r.Metrics)
		}
		text, err := r.Marshal()
		if err != nil || before != nil && !bytes.Equal(text, before) {
			t.Errorf("%d threads: other bytes, %v", threads, err)
		}
		before = text
		again, err := ParseResult(text)
		if err != nil || again.Run.Name() != run.Name() || again.Metrics.AUROC != r.Metrics.AUROC {
			t.Errorf("%+v, %v", again, err)
		}
	}
}
