package eval

import (
	"errors"
	"math"
	"slices"
	"testing"

	"anomem/nn/rng"
)

// scikit-learn's metrics on the same draws, which the fixtures make by Philox of their own.
func TestBootstrapEqualsScikitLearn(t *testing.T) {
	for _, c := range fixtures(t).Cases {
		low, high, err := Bootstrap(0.9, 40, 7, AUROC, c.Scores, c.Anomalous)
		if err != nil || math.Abs(low-c.DrawnAUROC[0]) > 1e-12 || math.Abs(high-c.DrawnAUROC[1]) > 1e-12 {
			t.Errorf("%s: AUROC %v to %v, %v, want %v", c.Name, low, high, err, c.DrawnAUROC)
		}
		low, high, err = Bootstrap(0.5, 25, 1<<40+1, AveragePrecision, c.Scores, c.Anomalous)
		if err != nil || math.Abs(low-c.DrawnPrecision[0]) > 1e-12 || math.Abs(high-c.DrawnPrecision[1]) > 1e-12 {
			t.Errorf("%s: average precision %v to %v, %v, want %v", c.Name, low, high, err, c.DrawnPrecision)
		}
	}
}

// A draw keeps the numbers of either kind, and has scores of that kind alone.
func TestDraw(t *testing.T) {
	scores, anomalous := []float64{3, 1, 2, 1, 5}, []bool{true, false, false, true, false}
	r := newResampler(scores, anomalous)
	repeated := false
	for k := range 50 {
		drawn, of := r.draw(rng.New(1, uint64(k)))
		anomalies := 0
		for i, s := range drawn {
			j := slices.Index(scores, s)
			if s != 1 && of[i] != anomalous[j] || j < 0 {
				t.Fatalf("score %v is drawn as anomalous %v", s, of[i])
			}
			if of[i] {
				anomalies++
			}
		}
		if len(drawn) != 5 || anomalies != 2 {
			t.Fatalf("%d scores, %d anomalies", len(drawn), anomalies)
		}
		sorted := slices.Sorted(slices.Values(drawn))
		repeated = repeated || len(slices.Compact(sorted)) < 4
	}
	if !repeated {
		t.Error("no draw is with replacement")
	}
}

func TestBootstrapRefuses(t *testing.T) {
	scores, anomalous := []float64{1, 2}, []bool{false, true}
	failed := errors.New("no such figure")
	for name, err := range map[string]error{
		"no draws":  errorOf(Bootstrap(0.9, 0, 1, AUROC, scores, anomalous)),
		"level 1":   errorOf(Bootstrap(1, 5, 1, AUROC, scores, anomalous)),
		"level 0":   errorOf(Bootstrap(0, 5, 1, AUROC, scores, anomalous)),
		"level NaN": errorOf(Bootstrap(math.NaN(), 5, 1, AUROC, scores, anomalous)),
		"a metric that fails": errorOf(Bootstrap(0.9, 5, 1, func([]float64, []bool) (float64, error) {
			return 0, failed
		}, scores, anomalous)),
	} {
		if err == nil {
			t.Error(name)
		}
	}
	if low, high, err := Bootstrap(0.9, 1, 1, AUROC, scores, anomalous); err != nil || low != 1 || high != 1 {
		t.Errorf("one draw: %v to %v, %v", low, high, err)
	}
}

func errorOf(_, _ float64, err error) error { return err }

// Ten thousand scores, as of CIFAR-10's test images, a hundred draws.
func BenchmarkBootstrap(b *testing.B) {
	r := rng.New(5)
	scores, anomalous := make([]float64, 10_000), make([]bool, 10_000)
	for i := range scores {
		scores[i], anomalous[i] = r.Norm(), i%10 != 0
	}
	for b.Loop() {
		if _, _, err := Bootstrap(0.95, 100, 1, AUROC, scores, anomalous); err != nil {
			b.Fatal(err)
		}
	}
}
