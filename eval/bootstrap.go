package eval

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"anomem/nn/rng"
)

// Metric is a figure of scores and labels, such as [AUROC] or [AveragePrecision]. It must not
// depend on the order of the scores.
type Metric func(scores []float64, anomalous []bool) (float64, error)

// Bootstrap returns the percentile interval of a metric at a level such as 0.95 (Efron and
// Tibshirani, An introduction to the bootstrap, 1993, chapter 13): the quantiles, linear
// between neighbours, of its values on so many draws. Each draw has as many anomalies and as
// many normals as there are, drawn with replacement from either kind.
//
// Draws follow from the seed, and are the same on every machine. Its errors are those of
// AUROC and of the metric.
func Bootstrap(level float64, draws int, seed uint64, metric Metric, scores []float64, anomalous []bool) (low, high float64, err error) {
	if !(level > 0 && level < 1) || draws < 1 {
		return 0, 0, fmt.Errorf("eval: %d draws at confidence level %g: want one or more, at a level between 0 and 1", draws, level)
	}
	if _, _, err := sweep(scores, anomalous); err != nil {
		return 0, 0, err
	}
	r := newResampler(scores, anomalous)
	values := make([]float64, draws)
	for k := range values {
		if values[k], err = metric(r.draw(rng.New(seed, rng.Name("bootstrap"), uint64(k)))); err != nil {
			return 0, 0, err
		}
	}
	slices.Sort(values)
	return quantile(values, (1-level)/2), quantile(values, (1+level)/2), nil
}

// resampler draws scores of either kind. It keeps them sorted, which makes metrics fast.
type resampler struct {
	kinds  [2][]int // the scores of anomalies and of normals, in the order given
	order  []int    // all scores, from the highest
	scores []float64
	of     []bool
	times  []int // how often each was drawn

	drawn     []float64
	anomalous []bool
}

func newResampler(scores []float64, anomalous []bool) *resampler {
	r := &resampler{scores: scores, of: anomalous, times: make([]int, len(scores))}
	for i := range scores {
		kind := 1
		if anomalous[i] {
			kind = 0
		}
		r.kinds[kind] = append(r.kinds[kind], i)
		r.order = append(r.order, i)
	}
	slices.SortStableFunc(r.order, func(i, j int) int { return cmp.Compare(scores[j], scores[i]) })
	return r
}

// draw returns a draw, until the next one.
func (r *resampler) draw(s rng.Stream) (scores []float64, anomalous []bool) {
	clear(r.times)
	for _, kind := range r.kinds {
		for range kind {
			r.times[kind[s.IntN(len(kind))]]++
		}
	}
	r.drawn, r.anomalous = r.drawn[:0], r.anomalous[:0]
	for _, i := range r.order {
		for range r.times[i] {
			r.drawn, r.anomalous = append(r.drawn, r.scores[i]), append(r.anomalous, r.of[i])
		}
	}
	return r.drawn, r.anomalous
}

// quantile returns the quantile of sorted values, linear between neighbours: at rank
// p·(n-1), counted from 0.
func quantile(sorted []float64, p float64) float64 {
	rank := p * float64(len(sorted)-1)
	i := min(int(math.Floor(rank)), len(sorted)-2)
	if i < 0 {
		return sorted[0]
	}
	return sorted[i] + (rank-float64(i))*(sorted[i+1]-sorted[i])
}
