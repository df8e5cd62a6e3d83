package eval

import (
	"math"
	"strconv"
	"testing"
)

// What is a single quotient is equal. F1 is the same fraction as scikit-learn's, which
// divides by half.
func TestOperatingPointsEqualScikitLearn(t *testing.T) {
	for _, c := range fixtures(t).Cases {
		for name, want := range c.FalseAlarmsAt {
			recall, err := strconv.ParseFloat(name, 64)
			if err != nil {
				t.Fatal(err)
			}
			got, err := FalseAlarmsAt(recall, c.Scores, c.Anomalous)
			if err != nil || got.FalseAlarms != want || got.Recall < recall {
				t.Errorf("%s: false alarms at %v: %+v, %v, want %v", c.Name, recall, got, err, want)
			}
			if p := flagged(got.Threshold, c.Scores, c.Anomalous); p != got {
				t.Errorf("%s: false alarms at %v: %+v, but the threshold flags %+v", c.Name, recall, got, p)
			}
		}
		want, known := c.BestF1[0].(float64)
		if !known { // JSON has no infinity
			want = math.Inf(-1)
		}
		at, f1, err := BestF1(c.Scores, c.Anomalous)
		if err != nil || at != want || !near(f1, c.BestF1[1].(float64)) {
			t.Errorf("%s: F1 %v at %v, %v, want %v", c.Name, f1, at, err, c.BestF1)
		}
		if got, err := At(0, c.Scores, c.Anomalous); err != nil || !near(got.BalancedAccuracy(), c.BalancedAt0) {
			t.Errorf("%s: balanced accuracy at 0 %v, %v, want %v", c.Name, got.BalancedAccuracy(), err, c.BalancedAt0)
		}
	}
}

func TestRecallOfNineteenInTwenty(t *testing.T) {
	scores, anomalous := []float64{-0.5}, []bool{false}
	for i := range 20 {
		scores, anomalous = append(scores, float64(i)), append(anomalous, true)
	}
	scores, anomalous = append(scores, 0.5, 0.5), append(anomalous, false, false)
	for recall, want := range map[float64]ROCPoint{
		0.95:                    {0.5, 0, 0.95},
		math.Nextafter(0.95, 1): {-0.5, 2. / 3, 1},
		1.5:                     {math.Inf(-1), 1, 1},
	} {
		if got, err := FalseAlarmsAt(recall, scores, anomalous); err != nil || got != want {
			t.Errorf("at %v: %+v, %v, want %+v", recall, got, err, want)
		}
	}
}

func TestErrorReduction(t *testing.T) {
	for _, c := range []struct{ from, to, want float64 }{
		{0.8, 0.925, 0.625}, // CIFAR-10 at γ = 0.01, Elsa and AnoMem
		{0.5, 1, 1}, {0.75, 0.75, 0}, {0.75, 0.5, -1}, {0, 0.25, 0.25},
	} {
		if got, err := ErrorReduction(c.from, c.to); err != nil || !near(got, c.want) {
			t.Errorf("from %v to %v: %v, %v, want %v", c.from, c.to, got, err, c.want)
		}
	}
	for _, c := range [][2]float64{{1, 1}, {-0.1, 1}, {0.5, 1.1}, {math.NaN(), 0.5}, {0.5, math.NaN()}} {
		if got, err := ErrorReduction(c[0], c[1]); err == nil {
			t.Errorf("from %v to %v: %v", c[0], c[1], got)
		}
	}
}
