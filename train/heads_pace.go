package train

import (
	"fmt"
	"time"

	"anomem/nn/optim"
)

// headPace gives the trainings of heads their schedules, in turn: stored ones, those that a
// budget lays, or none, which leaves the cosine over the epochs of the options.
type headPace struct {
	stored []optim.Piecewise // of more trainings than there are, the last one's
	laid   []optim.Piecewise

	budget    *budget     // nil: none
	trainings int         // that are left
	all       int         // trainings
	now       *headCourse // the training in progress

	tell func(part string, done, total int) // receives steps; may be nil
}

// told tells how many steps of a training are made.
func (h *headPace) told(done, steps int) {
	if h.tell == nil {
		return
	}
	part := "heads"
	if h.all > 1 {
		part = fmt.Sprintf("heads, training %d of %d", h.all-h.trainings+1, h.all)
	}
	h.tell(part, done, steps)
}

// headCourse is a training of heads within a budget.
type headCourse struct {
	pacer
	steps steps
	begun time.Duration // spent in all when it began
	pace  float64       // of the budget at that time
	each  float64       // what a step took at first
}

// firstSteps is the number of steps that tell how fast the machine was when a training of heads
// began.
const firstSteps = 16

// watch tells the budget how much faster or slower the machine is than when the training began.
func (c *headCourse) watch(b *budget) {
	c.steps.lap()
	switch each := c.steps.mean; {
	case c.steps.made == firstSteps:
		c.each = each
	case c.steps.made > firstSteps && c.each > 0:
		b.pace = c.pace * each / c.each
	}
}

// until returns the time, spent in all, when the training in progress is to end: trainings that
// are left have the same time each, before what else is left.
func (h *headPace) until() time.Duration {
	b := h.budget
	heads := b.todo[training]
	share := b.share(b.left())
	b.todo[training] = 0
	reserve := b.takes(share)
	b.todo[training] = heads
	return h.now.begun + max(0, b.total-reserve-h.now.begun)/time.Duration(max(1, h.trainings))
}

// leastHeads and mostHeads bound the steps of a training of heads within a budget, as shares
// of those of the options' epochs.
const leastHeads, mostHeads = 1.0 / 8, 5.0 / 4

// begin sets the schedule of a training.
func (h *headPace) begin(t *headTraining) {
	switch {
	case len(h.stored) > 0:
		t.schedule.pieces = h.stored[0]
		if len(h.stored) > 1 {
			h.stored = h.stored[1:]
		}
	case h.budget != nil:
		b := h.budget
		b.lap()
		most := max(1, int(mostHeads*float64(t.schedule.Steps)))
		h.now = &headCourse{pacer: *newPacer(min(t.each, most/10), most), steps: steps{watch: b.stopwatch}, begun: b.spent, pace: b.pace}
		h.now.lay(0, float64(most))
		t.schedule.pieces = h.now.pieces
	}
}

// after lays the schedule after a step.
func (h *headPace) after(t *headTraining, done int) {
	c := h.now
	if c == nil {
		return
	}
	c.watch(h.budget)
	h.left(1 - min(1, float64(done)/float64(t.schedule.Steps)))
	left := float64(h.until()-h.budget.spent) / float64(max(1, c.steps.each()))
	c.lay(done, max(left, leastHeads*float64(t.schedule.Steps)-float64(done)))
	t.schedule.pieces = c.pieces
}

// end records the schedule of a training.
func (h *headPace) end(t *headTraining) {
	if len(t.schedule.pieces) > 0 {
		h.laid = append(h.laid, t.schedule.pieces)
	}
	h.now = nil
	h.left(0)
	h.trainings--
}

// left tells the budget which share of the training in progress is yet to come.
func (h *headPace) left(share float64) {
	if h.budget != nil {
		h.budget.todo[training] = (float64(max(1, h.trainings)-1) + share) / float64(max(1, h.all))
	}
}
