package train

import "time"

// Pace lays the learning rate of a training within a budget of time, as Run does for stage 1.
// It is for trainings of other kinds, whose steps take about the same time each.
type Pace struct {
	pacer
	steps steps
	total time.Duration
}

// NewPace returns the pace of a training that begins now, with a warm-up of at most warm
// steps. now tells the time; nil: time.Now.
func NewPace(budget time.Duration, warm int, now func() time.Time) *Pace {
	if now == nil {
		now = time.Now
	}
	return &Pace{pacer: *newPacer(warm, 0), steps: steps{watch: start(now, 0)}, total: budget}
}

// At returns the learning rate of the next step, as a share of its peak.
func (p *Pace) At(step int) float64 { return p.pieces.At(step) }

// After lays the schedule after done steps, and reports whether the training has ended. There
// is one step at least.
func (p *Pace) After(done int) (ended bool) {
	p.steps.lap()
	p.lay(done, float64(p.Left())/float64(max(1, p.steps.each())))
	end, ok := p.pieces.End()
	return ok && done >= end
}

// Left returns what is left of the budget, or 0.
func (p *Pace) Left() time.Duration { return max(0, p.total-p.steps.watch.spent) }
