package eval

// AveragePrecision returns the mean precision over the thresholds, each weighted by the
// recall that it adds (scikit-learn's average_precision_score):
//
//	AP = Σ_k (R_k - R_{k-1})·P_k
//
// over distinct scores from the highest. A random ranking is expected to reach the
// anomalies' share of the scores. Its errors are AUROC's.
func AveragePrecision(scores []float64, anomalous []bool) (float64, error) {
	cuts, n, err := sweep(scores, anomalous)
	if err != nil {
		return 0, err
	}
	var sum float64
	for i, c := range cuts[1:] {
		gained := c.recalled - cuts[i].recalled
		sum += float64(gained) * float64(c.recalled) / float64(c.recalled+c.alarms)
	}
	return sum / float64(n.anomalies), nil
}
