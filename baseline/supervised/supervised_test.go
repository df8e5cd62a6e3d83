package supervised

import (
	"context"
	"strings"
	"testing"

	"anomem/baseline"
	"anomem/baseline/internal/learn/learntest"
	"anomem/synthetic"
)

func small(steps int) *Detector {
	return &Detector{Side: 24, Width: 0.125, Batch: 16, Rate: 0.05, Steps: steps}
}

func TestLearns(t *testing.T) {
	src, other := learntest.Parts(1, 60, 20, synthetic.Object), learntest.Parts(2, 40, 40, synthetic.Object)
	if before := learntest.AUROC(t, small(1), src, other); before > 75 {
		t.Errorf("AUROC %.1f after a step: the bound below says nothing", before)
	}
	if after := learntest.AUROC(t, small(60), src, other); after < 90 {
		t.Errorf("AUROC %.1f", after)
	}
}

func TestSameBits(t *testing.T) {
	learntest.SameBits(t, func() baseline.Detector { return small(4) }, learntest.Parts(1, 9, 5, synthetic.Object))
}

func TestStops(t *testing.T) {
	learntest.Stops(t, New(), learntest.Parts(1, 9, 3, synthetic.Object))
}

func TestNeedsKnownAnomalies(t *testing.T) {
	err := New().Fit(context.Background(), learntest.Parts(1, 9, 0), baseline.Options{})
	if err == nil || !strings.Contains(err.Error(), "supervised: no known anomaly") {
		t.Errorf("%v", err)
	}
}
