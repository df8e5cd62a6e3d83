package eval

import (
	"fmt"
	"slices"
)

// ROCPoint is a threshold, and which part of the normals and of the anomalies score
// above it.
type ROCPoint struct {
	Threshold   float64
	FalseAlarms float64 // of the normals, 0 to 1
	Recall      float64 // of the anomalies, 0 to 1
}

// ROC returns a point for each distinct score, from the highest, above which there is
// nothing, and at last one at -Inf. Its errors are AUROC's.
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

// At returns which part of either kind scores above a threshold. Its errors are
// AUROC's; a threshold that is NaN is one, too.
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

// RecallAt returns the threshold that recalls the most anomalies of those that flag at
// most the given part of the normals, without interpolation, and what it flags; of
// equal ones the highest. A bound such as 0.05 includes 1 normal of 20. Its errors are
// AUROC's.
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

// BestThreshold returns the threshold with the highest balanced accuracy, the mean of
// the recalled part of the anomalies and the passed part of the normals, and that
// accuracy; of equal ones the highest threshold. Its errors are AUROC's.
//
// A threshold chosen on the scores that it is judged by flatters: choose it on others.
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
