package dpvae

import (
	"testing"

	"anomem/baseline/internal/learn/learntest"
	"anomem/synthetic"
)

func small(steps int) *Detector {
	return &Detector{Side: 16, Channels: 8, Latent: 8, Prior: 3, Weight: 0.5, Batch: 16, Rate: 5e-3, Steps: steps}
}

// Known anomalies teach their kind.
func TestLearns(t *testing.T) {
	src, other := learntest.Parts(1, 80, 20, synthetic.Object), learntest.Parts(2, 40, 40, synthetic.Object)
	before, without, with := learntest.AUROC(t, small(1), src, other), learntest.AUROC(t, small(150), src[:80], other), learntest.AUROC(t, small(150), src, other)
	t.Logf("AUROC %.1f after a step, %.1f without known anomalies, %.1f with 20", before, without, with)
	if before > 70 || with < 85 || with < without+10 {
		t.Errorf("AUROC %.1f after a step, %.1f without known anomalies, %.1f with 20", before, without, with)
	}
}

func TestTrains(t *testing.T) { learntest.Trains(t, small, 0) }

func TestSizesThatDoNotFit(t *testing.T) {
	learntest.Refuses(t, learntest.Parts(1, 3, 0), "DP-VAE: ",
		&Detector{Side: 20, Channels: 8, Latent: 5}, &Detector{Side: 16, Latent: 5}, &Detector{Side: 16, Channels: 8})
}
