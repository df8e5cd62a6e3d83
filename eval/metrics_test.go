package eval

import (
	"encoding/json"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"anomem/nn/rng"
)

type stored struct {
	Cases []struct {
		Name             string
		Scores           []float64
		Anomalous        []bool
		AUROC            float64
		AveragePrecision float64 `json:"average_precision"`
		ROC              [2][]float64
		BalancedAccuracy float64            `json:"balanced_accuracy"`
		RecallAt         map[string]float64 `json:"recall_at"`
		FalseAlarmsAt    map[string]float64 `json:"false_alarms_at"`
		BestF1           [2]any             `json:"best_f1"` // threshold, F1
		BalancedAt0      float64            `json:"balanced_accuracy_at_0"`
		Interval         [2]float64         `json:"interval_95"`
		DrawnAUROC       [2]float64         `json:"bootstrap_auroc"`
		DrawnPrecision   [2]float64         `json:"bootstrap_average_precision"`
	}
	Binomial [][5]float64
	Overlaps []struct {
		Side  int
		Maps  [][]float32
		Masks [][]int
		Area  map[string]float64
	}
}

func fixtures(t *testing.T) stored {
	t.Helper()
	src, err := os.ReadFile("../testdata/eval/metrics.json")
	if err != nil {
		t.Fatal(err)
	}
	var s stored
	if err := json.Unmarshal(src, &s); err != nil {
		t.Fatal(err)
	}
	if len(s.Cases) < 10 || len(s.Binomial) < 6 || len(s.Overlaps) < 3 {
		t.Fatalf("%d cases, %d intervals, %d overlaps", len(s.Cases), len(s.Binomial), len(s.Overlaps))
	}
	return s
}

// near allows the rounding of sums of a few hundred terms below 1.
func near(a, b float64) bool { return math.Abs(a-b) <= 1e-13 }

// scikit-learn sums trapezoids and precisions in another order; what is a single
// quotient must be equal.
func TestMetricsEqualScikitLearn(t *testing.T) {
	for _, c := range fixtures(t).Cases {
		if got, err := AUROC(c.Scores, c.Anomalous); err != nil || !near(got, c.AUROC) {
			t.Errorf("%s: AUROC %v, %v, want %v", c.Name, got, err, c.AUROC)
		}
		if got, err := AveragePrecision(c.Scores, c.Anomalous); err != nil || !near(got, c.AveragePrecision) {
			t.Errorf("%s: average precision %v, %v, want %v", c.Name, got, err, c.AveragePrecision)
		}
		at, got, err := BestThreshold(c.Scores, c.Anomalous)
		if err != nil || !near(got, c.BalancedAccuracy) {
			t.Errorf("%s: balanced accuracy %v, %v, want %v", c.Name, got, err, c.BalancedAccuracy)
		}
		if p := flagged(at, c.Scores, c.Anomalous); !near((p.Recall+1-p.FalseAlarms)/2, got) {
			t.Errorf("%s: threshold %v has not the balanced accuracy %v", c.Name, at, got)
		}
		for name, want := range c.RecallAt {
			rate, err := strconv.ParseFloat(name, 64)
			if err != nil {
				t.Fatal(err)
			}
			got, err := RecallAt(rate, c.Scores, c.Anomalous)
			if err != nil || got.Recall != want {
				t.Errorf("%s: recall at %v is %v, %v, want %v", c.Name, rate, got.Recall, err, want)
			}
			if p := flagged(got.Threshold, c.Scores, c.Anomalous); p != got {
				t.Errorf("%s: recall at %v: %+v, but the threshold flags %+v", c.Name, rate, got, p)
			}
		}
		points, err := ROC(c.Scores, c.Anomalous)
		if err != nil || len(points) != len(c.ROC[0]) {
			t.Fatalf("%s: %d points, %v, want %d", c.Name, len(points), err, len(c.ROC[0]))
		}
		for i, p := range points {
			if p.FalseAlarms != c.ROC[0][i] || p.Recall != c.ROC[1][i] {
				t.Errorf("%s: point %d is %+v, want %v, %v", c.Name, i, p, c.ROC[0][i], c.ROC[1][i])
			}
			if f := flagged(p.Threshold, c.Scores, c.Anomalous); f != p {
				t.Errorf("%s: point %d is %+v, but its threshold flags %+v", c.Name, i, p, f)
			}
		}
		for _, at := range []float64{-100, -0.5, 0, 0.25, 1, 18.7, 100, math.Inf(-1), math.Inf(1)} {
			if got, err := At(at, c.Scores, c.Anomalous); err != nil || got != flagged(at, c.Scores, c.Anomalous) {
				t.Errorf("%s: at %v: %+v, %v", c.Name, at, got, err)
			}
		}
		low, high, err := Interval(0.95, c.Scores, c.Anomalous)
		// The quantile of the normal distribution is good to some ulps.
		if err != nil || math.Abs(low-c.Interval[0]) > 1e-12 || math.Abs(high-c.Interval[1]) > 1e-12 {
			t.Errorf("%s: interval %v, %v, %v, want %v", c.Name, low, high, err, c.Interval)
		}
	}
}

// flagged counts what scores above a threshold.
func flagged(threshold float64, scores []float64, anomalous []bool) ROCPoint {
	var c cut
	var n counts
	for i, s := range scores {
		switch {
		case anomalous[i] && s > threshold:
			c.recalled++
		case s > threshold:
			c.alarms++
		}
		if anomalous[i] {
			n.anomalies++
		} else {
			n.normals++
		}
	}
	c.threshold = threshold
	return c.point(n)
}

// AUROC against its definition over all pairs, equal: both are one quotient of integers.
func TestAUROCIsTheShareOfPairs(t *testing.T) {
	r := rng.New(1)
	for n := 2; n < 60; n++ {
		scores, anomalous := make([]float64, n), make([]bool, n)
		for i := range scores {
			scores[i] = float64(r.IntN(n))
			anomalous[i] = r.IntN(3) == 0
		}
		anomalous[0], anomalous[1] = true, false
		twice, pairs := 0, 0
		for i := range scores {
			for j := range scores {
				if anomalous[i] && !anomalous[j] {
					pairs += 2
					if scores[i] > scores[j] {
						twice += 2
					} else if scores[i] == scores[j] {
						twice++
					}
				}
			}
		}
		if got, err := AUROC(scores, anomalous); err != nil || got != float64(twice)/float64(pairs) {
			t.Errorf("%d scores: %v, %v, want %d/%d", n, got, err, twice, pairs)
		}
	}
}

func TestOneNormalInTwentyIsWithinFivePercent(t *testing.T) {
	c := fixtures(t).Cases
	last := c[len(c)-1]
	for rate, want := range map[float64]ROCPoint{0.05: {18, 0.05, 1}, math.Nextafter(0.05, 0): {19, 0, 0.5}} {
		if got, err := RecallAt(rate, last.Scores, last.Anomalous); err != nil || got != want {
			t.Errorf("at %v: %+v, %v, want %+v", rate, got, err, want)
		}
	}
}

func TestIntervalOfAPerfectRanking(t *testing.T) {
	scores, anomalous := []float64{0, 1, 2, 3, 4, 5, 6}, []bool{false, false, false, false, true, true, true}
	low, high, err := Interval(0.9, scores, anomalous)
	if want := math.Cbrt(0.05); err != nil || !near(low, want) || high != 1 {
		t.Errorf("%v to %v, %v, want %v to 1", low, high, err, want)
	}
	for i := range scores {
		scores[i] = -scores[i]
	}
	low, high, err = Interval(0.9, scores, anomalous)
	if want := 1 - math.Cbrt(0.05); err != nil || low != 0 || !near(high, want) {
		t.Errorf("%v to %v, %v, want 0 to %v", low, high, err, want)
	}
}

// Of 2,000 draws the interval holds the true AUROC, Φ(d/√2) of two normal
// distributions d apart, about as often as it says. Down to 0.5 % less is DeLong's own
// error for 40 and 60 scores; 2 % is four standard errors of the count.
func TestIntervalCovers(t *testing.T) {
	r := rng.New(2)
	const d, draws = 1.2, 2000
	truth := math.Erfc(-d/2) / 2
	scores, anomalous := make([]float64, 100), make([]bool, 100)
	held := 0
	for range draws {
		for i := range scores {
			anomalous[i] = i < 40
			scores[i] = r.Norm()
			if anomalous[i] {
				scores[i] += d
			}
		}
		low, high, err := Interval(0.95, scores, anomalous)
		if err != nil {
			t.Fatal(err)
		}
		if low <= truth && truth <= high {
			held++
		}
	}
	if part := float64(held) / draws; part < 0.925 || part > 0.975 {
		t.Errorf("covers %v, want 0.95", part)
	}
}

func TestBinomial(t *testing.T) {
	for _, c := range fixtures(t).Binomial {
		low, high := Binomial(c[2], int(c[0]), int(c[1]))
		if math.Abs(low-c[3]) > 1e-10 || math.Abs(high-c[4]) > 1e-10 {
			t.Errorf("%v of %v at %v: %v to %v, want %v to %v", c[0], c[1], c[2], low, high, c[3], c[4])
		}
	}
}

func TestWhatNoMetricTakes(t *testing.T) {
	ok := []bool{true, false, false}
	for _, c := range []struct {
		scores    []float64
		anomalous []bool
		want      string
	}{
		{[]float64{1, 2}, ok, "eval: 2 scores with 3 labels"},
		{[]float64{1, math.NaN(), 2}, ok, "eval: score 1 of 3 is NaN"},
		{[]float64{1, 0, math.Inf(1)}, ok, "eval: score 2 of 3 is +Inf"},
		{[]float64{1, 2}, []bool{true, true}, "eval: 2 anomalies and 0 normals"},
		{[]float64{1, 2}, []bool{false, false}, "eval: 0 anomalies and 2 normals"},
		{nil, nil, "eval: 0 anomalies and 0 normals"},
	} {
		for name, f := range map[string]func() error{
			"AUROC":            func() error { _, err := AUROC(c.scores, c.anomalous); return err },
			"ROC":              func() error { _, err := ROC(c.scores, c.anomalous); return err },
			"AveragePrecision": func() error { _, err := AveragePrecision(c.scores, c.anomalous); return err },
			"BestThreshold":    func() error { _, _, err := BestThreshold(c.scores, c.anomalous); return err },
			"At":               func() error { _, err := At(1, c.scores, c.anomalous); return err },
			"RecallAt":         func() error { _, err := RecallAt(0.1, c.scores, c.anomalous); return err },
			"Interval":         func() error { _, _, err := Interval(0.9, c.scores, c.anomalous); return err },
			"FalseAlarmsAt":    func() error { _, err := FalseAlarmsAt(0.9, c.scores, c.anomalous); return err },
			"BestF1":           func() error { _, _, err := BestF1(c.scores, c.anomalous); return err },
			"Bootstrap":        func() error { _, _, err := Bootstrap(0.9, 1, 1, AUROC, c.scores, c.anomalous); return err },
		} {
			if err := f(); err == nil || !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("%s: error %v, want %q", name, err, c.want)
			}
		}
	}
	if _, err := At(math.NaN(), []float64{1, 2}, []bool{true, false}); err == nil {
		t.Error("a threshold that is NaN")
	}
	if _, _, err := Interval(1, []float64{1, 2}, []bool{true, false}); err == nil {
		t.Error("an interval at level 1")
	}
	if _, _, err := Interval(0.9, []float64{1, 2, 3}, []bool{true, false, false}); err == nil {
		t.Error("an interval from one anomaly")
	}
}
