package anomem

import (
	"fmt"
	"math"
	"slices"
	"sort"
)

// Calibration turns scores into p-values by split conformal prediction (Vovk,
// Gammerman and Shafer, Algorithmic Learning in a Random World, 2005; for anomalies
// Laxhammar and Falkman, 2010): what is promised rests on held-out normals alone, and
// holds whatever the model is worth.
//
// The held-out normals must be exchangeable with the normals to come: not trained on,
// taken by the same camera, and where several pictures show one part, held out by part
// and not by picture. The promise is an average over calibrations: this one's own
// false-alarm rate scatters about it by some √(α(1-α)/n).
type Calibration struct {
	Scores []float64 // of held-out normals, finite, ascending
}

// NewCalibration returns the calibration by the scores of held-out normals, in any
// order; it keeps a copy. An error says that there are none, or which is not finite.
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

// PValue is the p-value of score s, by n held-out normals:
//
//	p(s) = (1 + #{held-out ≥ s}) / (n + 1)
//
// The next normal's is at most α with probability α at most, for every α. Ties count
// against the anomaly, which keeps the promise. A score that is NaN has the p-value
// NaN, which is no verdict: refuse it.
func (c *Calibration) PValue(s float64) float64 {
	if math.IsNaN(s) {
		return math.NaN()
	}
	return c.rate(len(c.Scores) - sort.SearchFloat64s(c.Scores, s) + 1)
}

// rate is k/(n+1). One rounding, the same as that of a constant such as 0.05, is what
// makes 1/20 compare equal to 0.05, and k/3k to 1.0/3, with no tolerance; any product
// with alpha would not.
func (c *Calibration) rate(k int) float64 { return float64(k) / float64(len(c.Scores)+1) }

// Threshold returns the smallest threshold t such that flagging the scores s > t has a
// false-alarm rate of at most alpha, 0 < alpha < 1. It is one of the held-out scores,
// and s > t if and only if PValue(s) <= alpha.
//
// That takes n >= ⌈1/alpha⌉ - 1 held-out normals. With fewer the error says how many
// there are, how many are needed, and which rate these can promise.
func (c *Calibration) Threshold(alpha float64) (float64, error) {
	n := len(c.Scores)
	if err := CheckAlpha(alpha, n); err != nil {
		return 0, err
	}
	// The largest k with k/(n+1) <= alpha: k-1 held-out normals may score as high as
	// what is flagged. The rate ascends with k.
	k := sort.Search(n, func(i int) bool { return c.rate(i+1) > alpha })
	return c.Scores[n-k], nil
}

// Calibrate gives the model the scores of normal images that took no part in training,
// from which p-values and verdicts follow. alpha is the false-alarm rate that verdicts
// keep to; 0 means none, so that nothing is called anomalous. The error says which
// rates so many scores can promise.
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

// Calibration returns what the model is calibrated by, nil if by nothing.
func (m *Model) Calibration() *Calibration { return m.calibration }

// Threshold returns the score above which an image is called anomalous, and the
// false-alarm rate that it keeps; +Inf and 0 if none was chosen.
func (m *Model) Threshold() (score, alpha float64) {
	if m.calibration == nil {
		return math.Inf(1), 0
	}
	return m.threshold, m.alpha
}
