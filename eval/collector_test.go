package eval

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"anomem/baseline"
	"anomem/dataset"
	"anomem/imageio"
)

func TestCollector(t *testing.T) {
	var c Collector
	scores, anomalous := []float64{0, 3, 2, 1, 2.5}, []bool{false, true, true, false, false}
	kinds := []string{"", "crack", "stain", "", ""}
	for i, s := range scores {
		c.Add(s, anomalous[i])
	}
	got, err := c.Totals()
	if err != nil || got.Images != 5 || got.AUROC != 5./6 || got.PixelAUROC != nil || got.Masks != 0 {
		t.Errorf("%+v, %v", got, err)
	}
	if want, _ := AveragePrecision(scores, anomalous); got.AveragePrecision != want {
		t.Errorf("average precision %v, want %v", got.AveragePrecision, want)
	}
	kind := func(i int) string { return kinds[i] }
	if got, err := c.ByKind(kind, "stain", "crack"); err != nil || !slices.Equal(got, []float64{2. / 3, 1}) {
		t.Errorf("by kind %v, %v", got, err)
	}
	if _, err := c.ByKind(kind, "dent"); err == nil || !strings.Contains(err.Error(), "0 anomalies and 3 normals") {
		t.Errorf("a kind that is not there: %v", err)
	}
	if err := c.AddMap(row([]float32{1, 2}, nil)); err == nil {
		t.Error("a map with a mask of no pixels")
	}
	c = Collector{scores: scores, anomalous: anomalous}
	m, _ := row([]float32{1, 4}, nil)
	if err := c.AddMap(m, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Totals(); err == nil || !strings.Contains(err.Error(), "0 anomalous and 2 normal pixels") {
		t.Errorf("no anomalous pixel: %v", err)
	}
	if err := c.AddMap(row([]float32{5, 0}, []bool{true, false})); err != nil {
		t.Fatal(err)
	}
	if got, err := c.Totals(); err != nil || got.PixelAUROC == nil || *got.PixelAUROC != 1 || got.Masks != 1 {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := new(Collector).Totals(); err == nil {
		t.Error("totals of nothing")
	}
}

// red scores the first pixel's red, and maps it if it is told to.
type red struct{ maps bool }

func (red) Name() string                                                { return "red" }
func (red) Fit(context.Context, dataset.Source, baseline.Options) error { return nil }
func (red) Score(img *imageio.Image) float64                            { return float64(img.Pix[0]) }
func (r red) Map(img *imageio.Image) *imageio.Map {
	if !r.maps {
		return nil
	}
	return &imageio.Map{W: 2, H: 1, Value: []float32{float32(img.Pix[0]), 0}}
}

// failing is a source whose masks cannot be read.
type failing struct {
	dataset.Samples
	err error
}

func (f failing) Mask(int) (*imageio.Mask, error) { return nil, f.err }

func TestCollect(t *testing.T) {
	picture := func(v byte) *imageio.Image {
		img := imageio.NewImage(4, 2)
		img.Pix[0] = v
		return img
	}
	mask := imageio.NewMask(4, 2)
	mask.Pix[0], mask.Pix[4] = true, true
	src := dataset.Samples{
		{Image: picture(1), Normal: true},
		{Image: picture(9), Mask: mask},
		{Image: picture(2)}, // nobody knows where
	}
	all, err := Collect(context.Background(), src, true, red{}, red{maps: true})
	if err != nil {
		t.Fatal(err)
	}
	for k, c := range all {
		got, err := c.Totals()
		if err != nil || got.Images != 3 || got.AUROC != 1 {
			t.Errorf("%+v, %v", got, err)
		}
		if k == 0 && (got.PixelAUROC != nil || got.Masks != 0) {
			t.Errorf("%+v of a detector without maps", got)
		}
		if k == 1 && (got.PixelAUROC == nil || *got.PixelAUROC != 1 || got.Masks != 1 || c.pixels.n != [2]uint64{14, 2}) {
			t.Errorf("%+v of a detector with maps", got)
		}
	}
	all, err = Collect(context.Background(), src, false, red{maps: true})
	if err != nil || all[0].pixels != nil {
		t.Errorf("maps were not wanted: %v", err)
	}
	broken := failing{src, errors.New("mask.png: not an image")}
	if _, err := Collect(context.Background(), broken, true, red{}); err != broken.err {
		t.Errorf("%v, want %v", err, broken.err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Collect(ctx, src, true, red{}); err != context.Canceled {
		t.Errorf("a context that has ended: %v", err)
	}
}
