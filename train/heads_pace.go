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

	budget    *budget       // nil: none
	reserve   time.Duration // for what follows the last training
	trainings int           // that are left
	now       *headCourse   // the training in progress

	tell func(part string, done, total int) // receives steps; may be nil
	all  int                                // trainings, where tell counts them
}

// told tells how many steps of a training are made.
func (h *headPace) told(done, steps int) {
	if h.tell == nil {
		return
	}
	part := "heads"
	if h.all = max(h.all, h.trainings); h.all > 1 {
		part = fmt.Sprintf("heads, training %d of %d", h.all-h.trainings+1, h.all)
	}
	h.tell(part, done, steps)
}

// headCourse is a training of heads within a budget.
type headCourse struct {
	pacer
	steps steps
	until time.Duration // spent in all when it is to end
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
		h.now = &headCourse{pacer: *newPacer(min(t.each, most/10), most), steps: steps{watch: b.stopwatch}}
		left := max(0, b.total-h.reserve-b.spent)
		h.now.until = b.spent + left/time.Duration(max(1, h.trainings))
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
	c.steps.lap()
	left := float64(c.until-h.budget.spent) / float64(max(1, c.steps.each()))
	c.lay(done, max(left, leastHeads*float64(t.schedule.Steps)-float64(done)))
	t.schedule.pieces = c.pieces
}

// end records the schedule of a training.
func (h *headPace) end(t *headTraining) {
	if len(t.schedule.pieces) > 0 {
		h.laid = append(h.laid, t.schedule.pieces)
	}
	h.now = nil
	h.trainings--
}
