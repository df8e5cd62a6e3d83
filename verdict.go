package anomem

import "math"

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
