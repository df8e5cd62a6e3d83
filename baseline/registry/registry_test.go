package registry

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"anomem/baseline"
	"anomem/baseline/knn"
	"anomem/dataset"
	"anomem/imageio"
)

// Tables and scripts rely on these names and on their order.
func TestTrivial(t *testing.T) {
	var names []string
	for _, d := range Trivial() {
		names = append(names, d.Name())
	}
	if got, want := strings.Join(names, ", "), "image size, mean colour, PCA residual"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// Each entry has an id of its own, a summary of a line, and a README in the folder named
// after it.
func TestEntries(t *testing.T) {
	seen := map[string]bool{}
	for _, e := range All() {
		if seen[e.ID] || e.ID != strings.ToLower(e.ID) {
			t.Errorf("id %q", e.ID)
		}
		seen[e.ID] = true
		if e.Summary == "" || strings.Contains(e.Summary, "\n") {
			t.Errorf("%s: summary %q", e.ID, e.Summary)
		}
		if _, err := os.Stat(filepath.Join("..", e.ID, "README.md")); err != nil {
			t.Error(err)
		}
		d, err := New(e.ID)
		if err != nil || d.Name() == "" || d.Name() != e.New().Name() {
			t.Errorf("%s: %v, %v", e.ID, d, err)
		}
	}
}

func TestNewOfAnUnknownID(t *testing.T) {
	for id, want := range map[string]string{
		"pcs":        `baseline: no detector "pcs": did you mean pca?`,
		"MeanColor":  `baseline: no detector "MeanColor": did you mean meancolour?`,
		"image-size": `baseline: no detector "image-size": did you mean imagesize?`,
	} {
		if d, err := New(id); d != nil || err == nil || err.Error() != want {
			t.Errorf("%v, %v, want %s", d, err, want)
		}
	}
}

func TestWith(t *testing.T) {
	d, err := With("knn", "encoder=a.safetensors", "neighbours=7")
	if err != nil {
		t.Fatal(err)
	}
	if c := d.(*knn.Detector).Config; c.Encoder != "a.safetensors" || c.Neighbours != 7 {
		t.Errorf("%+v", c)
	}
	for want, settings := range map[string][]string{
		`no detector "knm"`:                       {"knm", "neighbours=7"},
		"baseline: meancolour has no parameters:": {"meancolour", "neighbours=7"},
		"baseline: knn: ":                         {"knn", "neighbour=7"},
		`"many"`:                                  {"knn", "neighbours=many"},
	} {
		if d, err := With(settings[0], settings[1:]...); d != nil || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, %v, want %s", d, err, want)
		}
	}
}

// broken is a source whose second image cannot be read.
type broken struct {
	dataset.Samples
	err error
}

func (b broken) Image(i int) (*imageio.Image, error) {
	if i == 1 {
		return nil, b.err
	}
	return b.Samples.Image(i)
}

func TestDetectorsRefuse(t *testing.T) {
	img := imageio.NewImage(2, 2)
	for i := range img.Pix {
		img.Pix[i] = byte(1 + i%3)
	}
	good, anomaly := dataset.Sample{Image: img, Normal: true}, dataset.Sample{Image: img}
	empty := dataset.Sample{Image: new(imageio.Image), Normal: true}
	fit := func(d baseline.Detector, src dataset.Source) error {
		return d.Fit(context.Background(), src, baseline.Options{Budget: time.Millisecond})
	}
	for _, e := range All() {
		d := e.New()
		if small, err := With(e.ID, "encoder=../../testdata/resnet/resnet18-small.safetensors"); err == nil {
			d = small // a large network takes longer, for the same errors
		}
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: scores before it is fitted", e.ID)
				}
			}()
			d.Score(img)
		}()
		b := broken{dataset.Samples{good, good, good}, errors.New("broken.png: not an image")}
		want := b.err
		if e.ID == "imagesize" {
			want = nil // it reads no image
		}
		if err := fit(d, b); err != want {
			t.Errorf("%s: %v, want %v", e.ID, err, want)
		}
		if err := fit(d, dataset.Samples{good, anomaly}); err == nil || !strings.Contains(err.Error(), d.Name()+": 1 normal images: want two at least") {
			t.Errorf("%s: %v", e.ID, err)
		}
		if err := fit(d, dataset.Samples{good, empty}); err == nil || !strings.Contains(err.Error(), d.Name()+": an image without pixels") {
			t.Errorf("%s: %v", e.ID, err)
		}
		if e.ID != "imagesize" {
			short := dataset.Sample{Image: &imageio.Image{W: 2, H: 1}, Normal: true}
			if err := fit(d, dataset.Samples{good, short}); err == nil || !strings.Contains(err.Error(), "without pixels") {
				t.Errorf("%s: %v", e.ID, err)
			}
		}
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if err := d.Fit(ctx, dataset.Samples{good, good}, baseline.Options{}); err != context.Canceled {
			t.Errorf("%s: a context that has ended: %v", e.ID, err)
		}
		err := fit(d, dataset.Samples{good, good, anomaly})
		if e.ID == "anomem" { // its first step takes longer than the budget
			if err == nil || !strings.Contains(err.Error(), "no time for training") {
				t.Errorf("%s: %v", e.ID, err)
			}
		} else if err != nil {
			t.Errorf("%s: %v", e.ID, err)
		}
	}
}
