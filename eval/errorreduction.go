package eval

import "fmt"

// ErrorReduction returns by which share of it the error 1-AUROC falls from one detector to
// another: 1 for a perfect one, 0 for one that is as good, negative for a worse one. It is
// the relative error reduction of the paper's section 4.1. As printed there, with α₁ the
// AUROC of the detector that is compared with, it has the opposite sign; the figures in the
// text (62 % from 80.0 to 92.5) have this one.
//
// It is an error if an AUROC is not between 0 and 1, or if from is 1, which leaves no error.
func ErrorReduction(from, to float64) (float64, error) {
	if !(from >= 0 && from < 1) || !(to >= 0 && to <= 1) {
		return 0, fmt.Errorf("eval: no reduction of the error from an AUROC of %g to %g", from, to)
	}
	return ((1 - from) - (1 - to)) / (1 - from), nil
}
