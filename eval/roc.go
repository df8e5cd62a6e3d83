package eval

import (
	"fmt"
	"slices"
)

// ROCPoint is a threshold with the shares of the normals and of the anomalies that score
// above it.
type ROCPoint struct {
	Threshold   float64
	FalseAlarms float64 // share of the normals, 0 to 1
	Recall      float64 // share of the anomalies, 0 to 1
}

// ROC returns a point for each distinct score, from the highest, and a last one at -Inf.
// Nothing scores above the first and everything above the last. Its errors are AUROC's.
func ROC(scores []float64, anomalous []bool) ([]ROCPoint, error) {
	cuts, n, err := sweep(scores, anomalous)
	if err != nil {
		return nil, err
	}
	points := make([]ROCPoint, len(cuts))
	for i, c := range cuts {
		points[i] = c.point(n)
	}
	return points, nil
}

func (c cut) point(n counts) ROCPoint {
	return ROCPoint{c.threshold, float64(c.alarms) / float64(n.normals), float64(c.recalled) / float64(n.anomalies)}
}

// At returns the shares that score above a threshold. Its errors are AUROC's; a threshold of
// NaN is an error, too.
func At(threshold float64, scores []float64, anomalous []bool) (ROCPoint, error) {
	cuts, n, err := sweep(scores, anomalous)
	if err != nil {
		return ROCPoint{}, err
	}
	// No score lies between the threshold and the first cut that is not above it.
	i := slices.IndexFunc(cuts, func(c cut) bool { return c.threshold <= threshold })
	if i < 0 {
		return ROCPoint{}, fmt.Errorf("eval: threshold %g", threshold)
	}
	at := cuts[i]
	at.threshold = threshold
	return at.point(n), nil
}

// RecallAt returns the point with the highest recall among those whose share of false
// alarms is at most the given one, without interpolation; of equal ones that with the
// highest threshold. A bound such as 0.05 includes 1 normal of 20. Its errors are AUROC's.
func RecallAt(falseAlarms float64, scores []float64, anomalous []bool) (ROCPoint, error) {
	cuts, n, err := sweep(scores, anomalous)
	if err != nil {
		return ROCPoint{}, err
	}
	best := cuts[0].point(n)
	for _, c := range cuts {
		if p := c.point(n); p.FalseAlarms <= falseAlarms && p.Recall > best.Recall {
			best = p
		}
	}
	return best, nil
}

// BestThreshold returns the threshold with the highest balanced accuracy, and that accuracy:
// the mean of the recall and of the share of the normals that are not flagged. Of equal ones
// it returns the highest threshold. Its errors are AUROC's.
//
// The accuracy is optimistic on the scores that the threshold was chosen on: measure it on
// others.
func BestThreshold(scores []float64, anomalous []bool) (threshold, balancedAccuracy float64, err error) {
	cuts, n, err := sweep(scores, anomalous)
	if err != nil {
		return 0, 0, err
	}
	var best int64 // recall - false alarms, times anomalies·normals
	at := cuts[0]
	for _, c := range cuts {
		if gain := int64(c.recalled)*int64(n.normals) - int64(c.alarms)*int64(n.anomalies); gain > best {
			best, at = gain, c
		}
	}
	return at.threshold, 0.5 + float64(best)/(2*float64(n.anomalies)*float64(n.normals)), nil
}
