package eval

import (
	"math"
	"slices"
	"testing"

	"anomem/nn/rng"
)

// Of five scores with a tie, by hand.
func TestPrecisionRecall(t *testing.T) {
	got, err := PrecisionRecall([]float64{5, 3, 3, 2, 1}, []bool{true, true, false, false, true})
	third := 1. / 3
	want := []PRPoint{{3, third, 1}, {2, 2 * third, 2 * third}, {1, 2 * third, 0.5}, {math.Inf(-1), 1, 0.6}}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v, want %v", got, err, want)
	}
	if _, err := PrecisionRecall([]float64{1, 2}, []bool{true, true}); err == nil {
		t.Error("no normal image, and no error")
	}
}

// The steps enclose the average precision.
func TestPrecisionRecallEnclosesAP(t *testing.T) {
	r := rng.New(1)
	var scores []float64
	var anomalous []bool
	for range 200 {
		scores, anomalous = append(scores, float64(r.IntN(40))), append(anomalous, r.IntN(3) == 0)
	}
	points, err := PrecisionRecall(scores, anomalous)
	if err != nil {
		t.Fatal(err)
	}
	area, recall := 0., 0.
	for _, p := range points {
		area += (p.Recall - recall) * p.Precision
		recall = p.Recall
	}
	if want, err := AveragePrecision(scores, anomalous); err != nil || math.Abs(area-want) > 1e-12 {
		t.Errorf("area %v, average precision %v, %v", area, want, err)
	}
}
