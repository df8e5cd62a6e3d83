package train

import "time"

// budget divides the time of a training among its phases, by what they take.
//
// Phases have a size that is a choice: so many steps, images or views. What follows stage 1
// has up to restShare of the time, and stage 1 the rest. If the phases at their full size take
// longer, all take the same share of it, or what they need at least; little ones stay whole.
// Before each phase, and within those that are long, the share is decided anew, by the time that
// is left and by how fast the machine was lately.
type budget struct {
	*stopwatch
	total time.Duration // for all, less a margin
	costs costs
	pace  float64         // how many times as long as in the rehearsal everything takes
	todo  [phases]float64 // the share of each phase that is yet to come
}

// marginShare is the share of a budget that is left for what is not measured: making and
// writing the model.
const marginShare = 1.0 / 64

// restShare is the largest share of a budget that is kept for what follows stage 1, and
// headShare that for training heads, unless the least of all phases takes more.
const restShare, headShare = 0.5, 0.25

// leastShare is the least share of a phase's full size.
const leastShare = 1.0 / 8

// newBudget returns the budget of r, of which a checkpoint says how much is spent; nil if
// there is none.
func (r *Run) newBudget(state *State) *budget {
	if r.Budget == 0 {
		return nil
	}
	now := r.Now
	if now == nil {
		now = time.Now
	}
	total := r.Budget - time.Duration(marginShare*float64(r.Budget))
	b := &budget{stopwatch: start(now, state.Spent+r.Spent), total: total, costs: state.Costs, pace: 1}
	for p := range b.todo {
		b.todo[p] = 1
	}
	return b
}

// full returns what is to come of a phase at its full size.
func (b *budget) full(p phase) time.Duration {
	all := b.pace * float64(b.costs.Full[p])
	if p == training {
		all = min(all, headShare*float64(b.total))
	}
	return time.Duration(b.todo[p] * all)
}

// takes returns what is to come of the phases if each takes a share of its full size, or its
// least.
func (b *budget) takes(share float64) time.Duration {
	var sum float64
	for p := range phases {
		sum += max(share, b.costs.Least[p]) * float64(b.full(p))
	}
	return time.Duration(sum)
}

// share returns the largest share with which the phases to come take no longer than left;
// leastShare at least.
func (b *budget) share(left time.Duration) float64 {
	if b.takes(1) <= left {
		return 1
	}
	lo, hi := leastShare, 1.0
	for range 12 {
		if mid := (lo + hi) / 2; b.takes(mid) <= left {
			lo = mid
		} else {
			hi = mid
		}
	}
	return lo
}

// left returns the time left.
func (b *budget) left() time.Duration { return b.total - b.spent }

// nearlyAll is the share from which a phase takes all: training heads makes up for the rest.
const nearlyAll = 0.9

// littleShare is the share of a budget below which a phase takes all of its images, whatever time
// is left: to leave some out saves nothing that anybody would notice.
const littleShare = 1.0 / 100

// next returns the share, in thousandths, that a phase or what is to come of it may take.
func (b *budget) next(p phase) int {
	b.lap()
	share := max(b.share(b.left()), b.costs.Least[p])
	if share >= nearlyAll || float64(b.full(p)) <= littleShare*float64(b.total) {
		return wholeShare
	}
	return int(wholeShare * share)
}

// paceShare is the share of a budget that a phase must take to count, for how fast the machine
// is, as much as all before.
const paceShare = 1.0 / 50

// did takes the time of a part of a phase, which was a share in thousandths of its full size
// (0: all). left is the share of the phase that is yet to come.
func (b *budget) did(p phase, share int, left float64) {
	took := float64(b.lap())
	if share == 0 {
		share = wholeShare
	}
	expected := (b.todo[p] - left) * float64(share) / wholeShare * float64(b.costs.Full[p])
	b.todo[p] = left
	if before := paceShare * float64(b.total); expected > 0 {
		b.pace = (took + b.pace*before) / (expected + before)
	}
}

// stepsLeft returns the number of steps of a duration for which there is time before the
// reserve.
func (b *budget) stepsLeft(each, reserve time.Duration) float64 {
	return float64(b.left()-reserve) / float64(max(each, 1))
}
