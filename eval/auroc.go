package eval

// AUROC returns the area under the ROC curve, from 0 to 1: the share of the pairs of an
// anomaly and a normal in which the anomaly scores higher, with pairs of equal scores
// counted half. The pairs are counted as integers, so that the one rounding is the
// quotient's.
//
// It is an error if scores and labels differ in number, if a score is not finite, or if
// all labels are the same.
func AUROC(scores []float64, anomalous []bool) (float64, error) {
	cuts, n, err := sweep(scores, anomalous)
	if err != nil {
		return 0, err
	}
	return area(cuts, n), nil
}

// area returns the area under the curve of cuts. The normals between two cuts score below
// the anomalies above both, and tie with the anomalies between them.
func area(cuts []cut, n counts) float64 {
	var twice uint64
	for i, c := range cuts[1:] {
		b := cuts[i]
		twice += uint64(c.alarms-b.alarms) * uint64(b.recalled+c.recalled)
	}
	return float64(twice) / float64(2*uint64(n.anomalies)*uint64(n.normals))
}
