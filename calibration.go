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
// rather than by picture. The guarantee is an average over calibrations: the false-alarm
// rate of a single one scatters about it by some √(α(1-α)/n).
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
	return c.rate(len(c.Scores) - sort.SearchFloat64s(c.Scores, s) + 1)
}

// rate returns k/(n+1), rounded once, as a constant such as 0.05 is. Hence 1/20 equals
// 0.05, and k/3k equals 1.0/3, without a tolerance; a product with alpha would not.
func (c *Calibration) rate(k int) float64 { return float64(k) / float64(len(c.Scores)+1) }

// Threshold returns the smallest threshold t such that flagging the scores s > t has a
// false-alarm rate of at most alpha, 0 < alpha < 1. It is one of the held-out scores, and
// s > t if and only if PValue(s) <= alpha.
//
// A rate of alpha needs n >= ⌈1/alpha⌉ - 1 held-out normal images. With fewer, the error
// says how many there are, how many are needed, and which rate these can promise.
func (c *Calibration) Threshold(alpha float64) (float64, error) {
	n := len(c.Scores)
	if err := CheckAlpha(alpha, n); err != nil {
		return 0, err
	}
	// Take the largest k with k/(n+1) <= alpha; the rate ascends with k. A flagged score
	// may then have up to k-1 held-out scores at or above it.
	k := sort.Search(n, func(i int) bool { return c.rate(i+1) > alpha })
	return c.Scores[n-k], nil
}

// Calibrate sets the scores of normal images that took no part in training, which p-values
// are computed from, and the false-alarm rate alpha of verdicts. With alpha 0, nothing is
// called anomalous. If so few scores cannot promise alpha, the error says which rates they
// can.
func (m *Model) Calibrate(scores []float64, alpha float64) error {
	c, err := NewCalibration(scores)
	if err != nil {
		return err
	}
	threshold := math.Inf(1)
	if alpha != 0 {
		if threshold, err = c.Threshold(alpha); err != nil {
			return err
		}
	}
	m.calibration, m.threshold, m.alpha = c, threshold, alpha
	return nil
}

// Calibration returns the calibration of the model, or nil if there is none.
func (m *Model) Calibration() *Calibration { return m.calibration }

// Threshold returns the score above which an image is called anomalous, and the false-alarm
// rate that it keeps. They are +Inf and 0 if no rate was chosen.
func (m *Model) Threshold() (score, alpha float64) {
	if m.calibration == nil {
		return math.Inf(1), 0
	}
	return m.threshold, m.alpha
}
