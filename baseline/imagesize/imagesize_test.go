package imagesize

import (
	"context"
	"math"
	"testing"

	"anomem/baseline"
	"anomem/dataset"
	"anomem/imageio"
)

func TestScore(t *testing.T) {
	d := New()
	src := dataset.Samples{
		{Image: imageio.NewImage(10, 8), Normal: true}, {Image: imageio.NewImage(14, 8), Normal: true},
		{Image: imageio.NewImage(99, 99)}, // an anomaly
	}
	if err := d.Fit(context.Background(), src, baseline.Options{}); err != nil {
		t.Fatal(err)
	}
	if got, want := d.Score(imageio.NewImage(18, 8)), 6/math.Sqrt(4+1e-4); math.Abs(got-want) > 1e-9 {
		t.Errorf("size scores %v, want %v", got, want)
	}
	if d.Map(imageio.NewImage(18, 8)) != nil {
		t.Error("a size is somewhere")
	}
}
