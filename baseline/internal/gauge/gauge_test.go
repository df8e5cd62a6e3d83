package gauge

import (
	"context"
	"math"
	"testing"

	"anomem/dataset"
)

// Against the mean and the variance by their definitions, plus the floor of a variance.
func TestGauge(t *testing.T) {
	numbers := [][]float64{{10, 50}, {30, 50}, {1e9, -3}, {20, 50}}
	src := dataset.Samples{{Normal: true}, {Normal: true}, {}, {Normal: true}} // the third is an anomaly
	var g Gauge
	if err := g.Fit(context.Background(), "numbers", src, func(i int) ([]float64, error) { return numbers[i], nil }); err != nil {
		t.Fatal(err)
	}
	for want, x := range map[float64][]float64{
		0: {20, 50}, 40 / math.Sqrt(200./3+1e-4): {60, 50}, 300: {20, 53},
	} {
		if got := g.Distance("numbers", x); math.Abs(got-want) > 1e-9 {
			t.Errorf("%v is %v away, want %v", x, got, want)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := g.Fit(ctx, "numbers", src, nil); err != context.Canceled {
		t.Errorf("a context that has ended: %v", err)
	}
}
