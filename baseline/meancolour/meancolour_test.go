package meancolour

import (
	"context"
	"math"
	"testing"

	"anomem/baseline"
	"anomem/dataset"
	"anomem/imageio"
)

// plain is a picture of one colour.
func plain(w, h int, r, g, b byte) *imageio.Image {
	img := imageio.NewImage(w, h)
	for i := 0; i < len(img.Pix); i += 3 {
		img.Pix[i], img.Pix[i+1], img.Pix[i+2] = r, g, b
	}
	return img
}

func TestScore(t *testing.T) {
	d := New()
	src := dataset.Samples{
		{Image: plain(3, 4, 10, 50, 9), Normal: true}, {Image: plain(5, 1, 30, 50, 9), Normal: true},
		{Image: plain(2, 2, 20, 50, 9), Normal: true}, {Image: plain(2, 2, 200, 0, 99)}, // an anomaly
	}
	if err := d.Fit(context.Background(), src, baseline.Options{}); err != nil {
		t.Fatal(err)
	}
	// Red: mean 20, variance 200/3. Green and blue do not vary.
	for want, img := range map[float64]*imageio.Image{
		0: plain(1, 1, 20, 50, 9), 40 / math.Sqrt(200./3+1e-4): plain(1, 1, 60, 50, 9), 500: plain(9, 9, 20, 53, 5),
	} {
		if got := d.Score(img); math.Abs(got-want) > 1e-9 {
			t.Errorf("mean colour %v scores %v, want %v", img.Pix[:3], got, want)
		}
	}
	if d.Map(plain(1, 1, 20, 50, 9)) != nil {
		t.Error("a mean is somewhere")
	}
}
