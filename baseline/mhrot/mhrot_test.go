package mhrot

import (
	"testing"

	"anomem/baseline"
	"anomem/baseline/internal/learn/learntest"
	"anomem/synthetic"
)

func small(steps int) *Detector {
	return &Detector{Side: 24, Width: 0.125, Batch: 8, Rate: 0.05, Steps: steps}
}

func TestLearns(t *testing.T) {
	src, other := learntest.Parts(1, 120, 0), learntest.Parts(2, 25, 25, synthetic.Object)
	if before := learntest.AUROC(t, small(1), src, other); before > 65 {
		t.Errorf("AUROC %.1f after a step: the bound below says nothing", before)
	}
	if after := learntest.AUROC(t, small(100), src, other); after < 75 {
		t.Errorf("AUROC %.1f", after)
	}
}

func TestSameBits(t *testing.T) {
	learntest.SameBits(t, func() baseline.Detector { return small(3) }, learntest.Parts(1, 9, 3, synthetic.Object))
}

func TestStops(t *testing.T) { learntest.Stops(t, small(0), learntest.Parts(1, 9, 0)) }
