package eval

// BestF1 returns the threshold with the highest F1, and that F1: the harmonic mean of
// precision and recall, from 0 to 1. Of equal ones it returns the highest threshold. It is
// -Inf where flagging everything does best. Its errors are AUROC's.
//
// Like the accuracy of [BestThreshold], F1 is optimistic on the scores that the threshold
// was chosen on.
func BestF1(scores []float64, anomalous []bool) (threshold, f1 float64, err error) {
	cuts, n, err := sweep(scores, anomalous)
	if err != nil {
		return 0, 0, err
	}
	// F1 = 2·recalled/(flagged + anomalies), compared as fractions of integers.
	over := func(c cut) int64 { return int64(c.recalled) }
	under := func(c cut) int64 { return int64(c.recalled + c.alarms + n.anomalies) }
	best := cuts[0]
	for _, c := range cuts[1:] {
		if over(c)*under(best) > over(best)*under(c) {
			best = c
		}
	}
	return best.threshold, 2 * float64(over(best)) / float64(under(best)), nil
}
