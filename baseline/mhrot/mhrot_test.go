package mhrot

import (
	"testing"

	"anomem/baseline/internal/learn/learntest"
	"anomem/synthetic"
)

func small(steps int) *Detector {
	return &Detector{Side: 24, Width: 0.125, Batch: 8, Rate: 0.05, Steps: steps}
}

func TestLearns(t *testing.T) {
	learntest.Learns(t, small, 100, learntest.Parts(1, 120, 0), learntest.Parts(2, 25, 25, synthetic.Object), 65, 75)
}

func TestTrains(t *testing.T) { learntest.Trains(t, small, 0) }
