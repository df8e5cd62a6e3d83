package eval

// AUROC is the area under the ROC curve: the share of the pairs of an anomaly and a
// normal in which the anomaly scores higher, pairs of equal scores counted half. The
// pairs are counted as integers, so that the one rounding is the quotient's.
//
// An error says which score is not finite, or that a label lacks a score, or that all
// are of one kind.
func AUROC(scores []float64, anomalous []bool) (float64, error) {
	cuts, n, err := sweep(scores, anomalous)
	if err != nil {
		return 0, err
	}
	return area(cuts, n), nil
}

// area is the area under the curve of cuts. Between two cuts the normals that came
// are below all anomalies that were there, and tie with those that came.
func area(cuts []cut, n counts) float64 {
	var twice uint64
	for i, c := range cuts[1:] {
		b := cuts[i]
		twice += uint64(c.alarms-b.alarms) * uint64(b.recalled+c.recalled)
	}
	return float64(twice) / float64(2*uint64(n.anomalies)*uint64(n.normals))
}
