package eval

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mathext"
)

// Interval returns the confidence interval of the AUROC at a level such as 0.95, for
// images drawn independently: DeLong's variance (DeLong, DeLong and Clarke-Pearson,
// Biometrics 44, 1988) on the scale of the log odds, so that it stays within 0 and 1.
//
// That variance is 0 if all pairs are ordered alike. Then the bound is exact: all of
// min(anomalies, normals) pairs without a common image were ordered rightly, which has
// the probability θ^min at most if the AUROC is θ; and likewise for wrongly.
//
// Its errors are AUROC's; it needs two scores of either kind.
func Interval(level float64, scores []float64, anomalous []bool) (low, high float64, err error) {
	if !(level > 0 && level < 1) {
		return 0, 0, fmt.Errorf("eval: confidence level %g: want one between 0 and 1", level)
	}
	cuts, n, err := sweep(scores, anomalous)
	if err != nil {
		return 0, 0, err
	}
	if n.anomalies < 2 || n.normals < 2 {
		return 0, 0, fmt.Errorf("eval: %d anomalies and %d normals: an interval needs two of either kind", n.anomalies, n.normals)
	}
	a := area(cuts, n)
	if a == 0 || a == 1 {
		width := 1 - math.Pow((1-level)/2, 1/float64(min(n.anomalies, n.normals)))
		return max(a-width, 0), min(a+width, 1), nil
	}
	odds := math.Log(a / (1 - a))
	half := math.Sqrt2 * math.Erfinv(level) * math.Sqrt(deLong(cuts, n, a)) / (a * (1 - a))
	return logistic(odds - half), logistic(odds + half), nil
}

func logistic(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// deLong returns the variance of the AUROC a: the variance of the anomalies' placements
// among the normals over the number of anomalies, plus the same with the roles exchanged.
func deLong(cuts []cut, n counts, a float64) float64 {
	p, q := float64(n.anomalies), float64(n.normals)
	var ofAnomalies, ofNormals float64
	for i, c := range cuts[1:] {
		b := cuts[i]
		below := (q - float64(b.alarms+c.alarms)/2) / q   // the part of the normals below an anomaly here
		above := float64(b.recalled+c.recalled) / (2 * p) // the part of the anomalies above a normal here
		ofAnomalies += float64(c.recalled-b.recalled) * (below - a) * (below - a)
		ofNormals += float64(c.alarms-b.alarms) * (above - a) * (above - a)
	}
	return ofAnomalies/((p-1)*p) + ofNormals/((q-1)*q)
}

// Binomial returns the confidence interval of a rate, given k successes of n (Clopper and
// Pearson, Biometrika 26, 1934), such as a recall from a few defects. It covers the true
// rate with at least the given level. It panics unless 0 <= k <= n, n > 0 and
// 0 < level < 1.
func Binomial(level float64, k, n int) (low, high float64) {
	if !(level > 0 && level < 1) || k < 0 || k > n || n == 0 {
		panic(fmt.Sprintf("eval: Binomial: %d of %d at level %g", k, n, level))
	}
	tail := (1 - level) / 2
	low, high = 0, 1
	if k > 0 {
		low = mathext.InvRegIncBeta(float64(k), float64(n-k+1), tail)
	}
	if k < n {
		high = mathext.InvRegIncBeta(float64(k+1), float64(n-k), 1-tail)
	}
	return low, high
}
