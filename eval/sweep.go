package eval

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// cut is a threshold with the numbers of scores above it, which it flags.
type cut struct {
	threshold float64
	recalled  int // anomalies above it
	alarms    int // normals above it
}

// counts is the numbers of scores of either kind.
type counts struct{ anomalies, normals int }

// sweep returns a cut at each distinct score, from the highest, which flags nothing, and a
// last one at -Inf, which flags everything.
//
// It is an error if scores and labels differ in number, if a score is not finite, or if
// all labels are the same.
func sweep(scores []float64, anomalous []bool) ([]cut, counts, error) {
	var n counts
	if len(scores) != len(anomalous) {
		return nil, n, fmt.Errorf("eval: %d scores with %d labels", len(scores), len(anomalous))
	}
	order := make([]int, len(scores))
	for i, s := range scores {
		if math.IsNaN(s) || math.IsInf(s, 0) {
			return nil, n, fmt.Errorf("eval: score %d of %d is %g", i, len(scores), s)
		}
		if anomalous[i] {
			n.anomalies++
		} else {
			n.normals++
		}
		order[i] = i
	}
	if n.anomalies == 0 || n.normals == 0 {
		return nil, n, fmt.Errorf("eval: %d anomalies and %d normals: want some of either kind", n.anomalies, n.normals)
	}
	// Draws of a bootstrap are sorted already.
	down := func(i, j int) int { return cmp.Compare(scores[j], scores[i]) }
	if !slices.IsSortedFunc(order, down) {
		slices.SortStableFunc(order, down)
	}
	var cuts []cut
	at := cut{threshold: math.Inf(1)}
	for _, i := range order {
		if scores[i] != at.threshold {
			at.threshold = scores[i]
			cuts = append(cuts, at)
		}
		if anomalous[i] {
			at.recalled++
		} else {
			at.alarms++
		}
	}
	at.threshold = math.Inf(-1)
	return append(cuts, at), n, nil
}
