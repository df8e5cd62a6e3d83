package serve

import (
	"math"
	"math/rand/v2"
	"slices"
	"sort"
)

// drift tests whether scores come from the same distribution as those that the model was
// calibrated by: the simple jumper, a conformal test martingale (Vovk, Petej, Nouretdinov,
// Ahlberg, Carlsson and Gammerman, Retrain or not retrain: conformal test martingales for
// change-point detection, COPA 2021). It bets on the rank of each score among those before.
// While they are exchangeable, the ranks are uniform and independent, and the capital ever
// reaches c with probability 1/c at most (Ville's inequality). So 1 over the largest capital
// is a p-value, at any time.
type drift struct {
	before  []float64  // scores, ascending
	capital [3]float64 // of the bets that ranks are low, even and high; of sum 1
	log     float64    // of the capital that they are shares of
	most    float64    // the largest log so far
	rng     *rand.Rand // breaks ties
	start   []float64  // the calibration's scores
}

const (
	// jump is the share of capital that is spread again after each bet.
	jump = 0.01
	// mostBefore is how many scores are kept. Then the test begins again.
	mostBefore = 20_000
)

// newDrift returns a test against the scores of a calibration.
func newDrift(scores []float64) *drift {
	d := &drift{start: scores, rng: rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64()))}
	d.begin()
	return d
}

// begin forgets all scores but those of the calibration.
func (d *drift) begin() {
	d.before = slices.Clone(d.start)
	slices.Sort(d.before)
	d.capital = [3]float64{1. / 3, 1. / 3, 1. / 3}
	d.log, d.most = 0, 0
}

// add takes a score.
func (d *drift) add(score float64) {
	if len(d.before) >= max(mostBefore, 2*len(d.start)) {
		d.begin()
	}
	lo := sort.SearchFloat64s(d.before, score)
	hi := lo + sort.Search(len(d.before)-lo, func(i int) bool { return d.before[lo+i] > score })
	above, ties := len(d.before)-hi, hi-lo
	p := (float64(above) + d.rng.Float64()*float64(ties+1)) / float64(len(d.before)+1)
	d.before = slices.Insert(d.before, hi, score)
	var sum float64
	for i, side := range []float64{-1, 0, 1} {
		c := (1-jump)*d.capital[i] + jump/3
		d.capital[i] = c * (1 + side*(p-0.5))
		sum += d.capital[i]
	}
	for i := range d.capital {
		d.capital[i] /= sum
	}
	d.log += math.Log(sum)
	d.most = max(d.most, d.log)
}

// pValue returns how probable such scores, or stranger ones, are without drift.
func (d *drift) pValue() float64 { return math.Exp(-d.most) }
