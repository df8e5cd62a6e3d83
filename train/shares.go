package train

import (
	"slices"

	"anomem/dataset"
)

// Shares say how much of what they would take by themselves the phases after stage 1 take, in
// thousandths; 0: all of it. A training within a budget decides them as it goes on, and stores
// those that are not all. With them, another training takes the same.
type Shares struct {
	Recalibration int   `json:"recalibration,omitempty"` // of the batches that norms take their statistics from
	Fitting       int   `json:"fitting,omitempty"`       // of the images that places or densities are fitted to
	Views         []int `json:"views,omitempty"`         // of the views that heads learn from, for each pass; further passes are as the last
	Keeping       int   `json:"keeping,omitempty"`       // of the held-out images of which the model keeps what heads see
	Weighing      int   `json:"weighing,omitempty"`      // of the images that heads are weighed by, beside other scores
	Calibration   int   `json:"calibration,omitempty"`   // of the held-out images that calibrate
}

// wholeShare is all of a phase.
const wholeShare = 1000

// validate says what is wrong with s.
func (s *Shares) validate(say func(bad bool, format string, args ...any)) {
	for _, share := range append([]int{s.Recalibration, s.Fitting, s.Keeping, s.Weighing, s.Calibration}, s.Views...) {
		say(share < 0 || share > wholeShare, "shares: %d thousandths: want 0 (all) to %d", share, wholeShare)
	}
}

// ofPass returns the share of a pass over the views that heads learn from.
func (s *Shares) ofPass(pass int) int {
	if len(s.Views) == 0 {
		return wholeShare
	}
	return s.Views[min(pass, len(s.Views)-1)]
}

// portion returns the number that a share of n is, at least the given one.
func portion(n, share, least int) int {
	if share == 0 {
		return n
	}
	return min(n, max(least, n*share/wholeShare))
}

// fewest is the least number of images that anything is fitted to or weighed by, where there
// are so many.
const fewest = 16

// beginPhase decides the share of a phase within a budget, unless one is given.
func (r *Run) beginPhase(p phase, share *int) {
	if r.budget == nil {
		return
	}
	if s := r.budget.next(p); *share == 0 && s < wholeShare {
		*share = s
	}
}

// endPhase takes the time of a phase.
func (r *Run) endPhase(p phase, share int) {
	if r.budget != nil {
		r.budget.did(p, share, 0)
	}
}

// sharePass decides the share of a pass over the views that heads learn from, as beginPhase
// does. left is the share of all passes' views that is yet to come.
func (r *Run) sharePass(pass int, left float64) int {
	b, s := r.budget, &r.Options.Shares
	if b == nil {
		return s.ofPass(pass)
	}
	if pass > 0 {
		b.did(viewing, s.ofPass(pass-1), left)
	}
	if next := b.next(viewing); len(s.Views) == pass {
		s.Views = append(s.Views, next)
	}
	return s.ofPass(pass)
}

// endPasses takes the time of the last pass, notes the shares, and stores nothing if all passes
// were whole.
func (r *Run) endPasses() {
	s := &r.Options.Shares
	r.endPhase(viewing, s.ofPass(len(s.Views)))
	if len(s.Views) == 0 || slices.Min(s.Views) == wholeShare {
		s.Views = nil
		return
	}
	r.notes.add("of the views for heads, the passes make these thousandths: %v", s.Views)
}

// noteShare notes that a phase took n of all, if that is less.
func (r *Run) noteShare(n, all int, what string) {
	if n < all {
		r.notes.add("%d of %d %s", n, all, what)
	}
}

// some returns a share of the images of d, which are normal.
func (r *Run) some(d dataset.Source, share int) dataset.Source {
	if share == 0 {
		return d
	}
	return spaced(newSubset(d, true), portion(d.Len(), share, fewest))
}

// someHeld returns a share of the held-out images, with as many as the promise takes.
func (r *Run) someHeld(share int) dataset.Source {
	if share == 0 {
		return r.Held
	}
	return spaced(newSubset(r.Held, true), portion(r.Held.Len(), share, r.leastHeld()))
}

// leastHeld returns the least number of held-out images that calibrate.
func (r *Run) leastHeld() int {
	if r.Promise.Alpha == 0 {
		return fewest
	}
	return max(fewest, int(r.Promise.Held()))
}
