package train

import (
	"math"

	"anomem/nn/rng"
)

// order shuffles each epoch's units, oversampling known anomalies up to the requested
// share.
type order struct {
	seed   uint64
	units  int
	known  []int // units with known anomalies
	passes int   // passes of an epoch over each of these
	epoch  int   // the epoch of picks, plus 1; 0: none
	picks  []pick
}

// newOrder returns the order of units in which known anomalies have at least the given
// share.
func newOrder(seed uint64, units []unit, share float64) order {
	o := order{seed: seed, units: len(units), passes: 1}
	for i, u := range units {
		if !u.normal {
			o.known = append(o.known, i)
		}
	}
	if k := float64(len(o.known)); k > 0 && share > 0 {
		normal := float64(o.units) - k
		o.passes = max(1, int(math.Ceil(share*normal/((1-share)*k)-1e-9)))
	}
	return o
}

// len returns the number of picks in an epoch.
func (o *order) len() int { return o.units + (o.passes-1)*len(o.known) }

// of returns the picks of an epoch, in order. They are valid until the next call.
func (o *order) of(epoch int) []pick {
	if o.epoch == epoch+1 {
		return o.picks
	}
	o.epoch, o.picks = epoch+1, o.picks[:0]
	r := rng.New(o.seed, rng.Name("order"), uint64(epoch))
	for _, i := range r.Perm(o.len()) {
		p := pick{i, uint64(epoch)}
		if i >= o.units {
			more := i - o.units
			p = pick{o.known[more%len(o.known)], uint64(epoch) | uint64(1+more/len(o.known))<<32}
		}
		o.picks = append(o.picks, p)
	}
	return o.picks
}
