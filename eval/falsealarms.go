package eval

// FalseAlarmsAt returns the point with the fewest false alarms among those whose recall is
// at least the given one, without interpolation; of equal ones that with the highest recall.
// With 0.95 its FalseAlarms is FPR95 (the false-positive rate at 95 % of true positives).
// A bound such as 0.95 includes 19 anomalies of 20; above 1 it is met by none, and the last
// point is returned, which flags everything. Its errors are AUROC's.
func FalseAlarmsAt(recall float64, scores []float64, anomalous []bool) (ROCPoint, error) {
	cuts, n, err := sweep(scores, anomalous)
	if err != nil {
		return ROCPoint{}, err
	}
	best := cuts[len(cuts)-1].point(n)
	for _, c := range cuts {
		p := c.point(n)
		if p.Recall >= recall && (p.FalseAlarms < best.FalseAlarms || p.FalseAlarms == best.FalseAlarms && p.Recall > best.Recall) {
			best = p
		}
	}
	return best, nil
}

// BalancedAccuracy returns the mean of the recall and of the share of the normals that are
// not flagged, from 0 to 1.
func (p ROCPoint) BalancedAccuracy() float64 { return (p.Recall + 1 - p.FalseAlarms) / 2 }
