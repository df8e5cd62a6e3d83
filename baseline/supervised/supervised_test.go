package supervised

import (
	"testing"

	"anomem/baseline/internal/learn/learntest"
	"anomem/synthetic"
)

func small(steps int) *Detector {
	return &Detector{Side: 24, Width: 0.125, Batch: 16, Rate: 0.05, Steps: steps}
}

func TestLearns(t *testing.T) {
	learntest.Learns(t, small, 60, learntest.Parts(1, 60, 20, synthetic.Object), learntest.Parts(2, 40, 40, synthetic.Object), 70, 90)
}

func TestTrains(t *testing.T) { learntest.Trains(t, small, 3) }

func TestNeedsKnownAnomalies(t *testing.T) {
	learntest.Refuses(t, learntest.Parts(1, 9, 0), "supervised: no known anomaly", New())
}
