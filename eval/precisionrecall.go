package eval

// PRPoint is a threshold with the share of the anomalies that score above it, and the share of
// anomalies among all that do.
type PRPoint struct {
	Threshold float64
	Recall    float64 // 0 to 1
	Precision float64 // 0 to 1
}

// PrecisionRecall returns a point for each distinct score but the highest, from above, and a
// last one at -Inf, above which everything scores. The area under the steps that hold each
// point's precision back to the recall before it is AveragePrecision. Its errors are AUROC's.
func PrecisionRecall(scores []float64, anomalous []bool) ([]PRPoint, error) {
	cuts, n, err := sweep(scores, anomalous)
	if err != nil {
		return nil, err
	}
	points := make([]PRPoint, 0, len(cuts)-1)
	for _, c := range cuts[1:] { // above the first there is nothing
		points = append(points, PRPoint{c.threshold, float64(c.recalled) / float64(n.anomalies), float64(c.recalled) / float64(c.recalled+c.alarms)})
	}
	return points, nil
}
