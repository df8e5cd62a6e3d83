package anomem

import (
	"fmt"
	"math"
	"slices"
	"sort"
)

// Calibration turns scores into p-values by split conformal prediction (Vovk, Gammerman and
// Shafer, Algorithmic Learning in a Random World, 2005; for anomalies Laxhammar and
// Falkman, 2010). Its guarantee rests on the held-out normal images alone and holds for any
// model.
//
// The held-out images must be exchangeable with the normal images to come: not trained on,
// taken by the same camera and, where several pictures show one part, held out by part
// rather than by picture. The guarantee is an average over calibrations: see Promise for
// one that holds for a single calibration, with a probability.
//
// All of them take images that no part of the model has seen. Images that the encoder was
// trained on deviate less than others, also from heads and memories that were fitted without
// them, and nothing can be promised by their scores. Cross-conformal prediction (Vovk, 2015)
// and the jackknife+ (Barber, Candès, Ramdas and Tibshirani, 2021) use each image for both,
// by K whole models of which each is trained without a share of the images. But their
// promise is twice as weak: with n images 2/(n+1) at best, for n models, which half of the
// images held out from a single model promise, too, 1/(n/2+1).
type Calibration struct {
	Scores []float64 // of held-out normal images, finite, ascending
}

// NewCalibration returns the calibration by the scores of held-out normal images, in any
// order. It copies the scores. It is an error if there are none or one is not finite.
func NewCalibration(scores []float64) (*Calibration, error) {
	if len(scores) == 0 {
		return nil, fmt.Errorf("anomem: calibration without a held-out normal image: give it some")
	}
	for i, s := range scores {
		if math.IsNaN(s) || math.IsInf(s, 0) {
			return nil, fmt.Errorf("anomem: calibration: score %d of %d is %g", i, len(scores), s)
		}
	}
	c := &Calibration{Scores: slices.Clone(scores)}
	slices.Sort(c.Scores)
	return c, nil
}

// PValue returns the p-value of score s among n held-out normal images:
//
//	p(s) = (1 + #{held-out ≥ s}) / (n + 1)
//
// The p-value of the next normal image is at most α with probability at most α, for every
// α. Held-out scores equal to s count as if they were above it, which keeps this guarantee.
// The p-value of NaN is NaN, which is no verdict: the caller must refuse it.
func (c *Calibration) PValue(s float64) float64 {
	if math.IsNaN(s) {
		return math.NaN()
	}
	return float64(len(c.Scores)-sort.SearchFloat64s(c.Scores, s)+1) / float64(len(c.Scores)+1)
}

// Threshold returns the smallest threshold t such that flagging the scores s > t keeps the
// promise p. It is one of the held-out scores: the k-th largest, so that a flagged score may
// have up to k-1 held-out scores at or above it. Without a confidence, s > t if and only if
// PValue(s) <= p.Alpha.
//
// It is an error if p is not valid or if there are fewer held-out scores than p needs. The
// error says how many there are, how many are needed, and which rate these can promise.
func (c *Calibration) Threshold(p Promise) (float64, error) {
	n := len(c.Scores)
	if err := p.Check(n); err != nil {
		return 0, err
	}
	return c.Scores[n-p.rank(n)], nil
}

// Calibrate sets the scores of normal images that took no part in training, which p-values
// are computed from, and the promise that verdicts keep. With an alpha of 0, nothing is
// called anomalous. If so few scores cannot promise that, the error says which rates they
// can.
func (m *Model) Calibrate(scores []float64, p Promise) error {
	c, err := NewCalibration(scores)
	if err != nil {
		return err
	}
	threshold := math.Inf(1)
	if p.Alpha != 0 {
		if threshold, err = c.Threshold(p); err != nil {
			return err
		}
	}
	m.calibration, m.threshold, m.promise = c, threshold, p
	return nil
}

// Calibration returns the calibration of the model, or nil if there is none.
func (m *Model) Calibration() *Calibration { return m.calibration }

// SetThreshold calls images with a score above t anomalous, whatever share of normal images
// that is: nothing is promised any more. It is an error if m is not calibrated or t is not
// finite.
func (m *Model) SetThreshold(t float64) error {
	if m.calibration == nil {
		return fmt.Errorf("anomem: a threshold of %g for a model that is not calibrated", t)
	}
	if math.IsNaN(t) || math.IsInf(t, 0) {
		return fmt.Errorf("anomem: a threshold of %g: want a finite one", t)
	}
	m.threshold, m.promise = t, Promise{}
	return nil
}

// Judges reports whether m has a threshold, and so calls images anomalous.
func (m *Model) Judges() bool { return m.calibration != nil && !math.IsInf(m.threshold, 1) }

// Threshold returns the score above which an image is called anomalous, +Inf if there is
// none, and the false-alarm rate that it keeps, 0 if it was set by hand or no rate chosen.
func (m *Model) Threshold() (score, alpha float64) {
	if m.calibration == nil {
		return math.Inf(1), 0
	}
	return m.threshold, m.promise.Alpha
}

// Promise returns what verdicts keep. Its Alpha is 0 if no rate was chosen.
func (m *Model) Promise() Promise { return m.promise }
