package eval

import (
	"cmp"
	"fmt"
	"math"
	"slices"
)

// A cut is what a threshold flags: the scores above it.
type cut struct {
	threshold float64
	recalled  int // anomalies above it
	alarms    int // normals above it
}

// counts is how many scores there are of either kind.
type counts struct{ anomalies, normals int }

// sweep returns a cut at each distinct score, from the highest, which flags nothing,
// and at last one at -Inf, which flags everything.
//
// An error says which score is not finite, or that lengths differ, or that all scores
// are of one kind, of which no rate can be told.
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
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(scores[j], scores[i]) })
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
