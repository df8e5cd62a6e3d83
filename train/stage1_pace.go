package train

import (
	"context"
	"fmt"
	"time"

	"anomem/simd/pool"
)

// stage1Pace lays the schedule of stage 1 within a budget.
type stage1Pace struct {
	*budget
	pacer
	steps steps
	known int // steps made when the costs were estimated, or when they were read
}

// newStage1Pace returns the pace of stage 1, whose schedule begins or goes on; nil without a
// budget or a step.
func (r *Run) newStage1Pace(s *Stage1) *stage1Pace {
	if r.budget == nil || s.Options.Freeze {
		return nil
	}
	p := &stage1Pace{
		budget: r.budget, pacer: *newPacer(s.Options.WarmUp*s.StepsPerEpoch(), 0), steps: steps{watch: r.budget.stopwatch}, known: s.Done(),
	}
	if len(s.Options.Schedule) > 0 {
		p.pieces = s.Options.Schedule
	}
	s.Options.Schedule = p.pieces
	return p
}

// The costs of what follows stage 1 are estimated after rehearsed steps, and once more when
// the decay begins if that takes at most againShare of the time left.
const (
	rehearsed  = 3
	againShare = 1.0 / 20
)

// after lays the schedule after a step.
func (p *stage1Pace) after(ctx context.Context, r *Run, s *Stage1, threads *pool.Pool) error {
	p.steps.lap()
	each, done := p.steps.each(), s.Done()
	if done == 1 && p.spent >= p.total {
		return fmt.Errorf("train: the budget leaves no time for training: a step takes %v", each.Round(time.Millisecond))
	}
	_, fell := p.pieces.DecayFrom()
	p.lay(done, p.stepsLeft(each, p.reserve(each)))
	_, falls := p.pieces.DecayFrom()
	if p.wantsRehearsal(done, falls && !fell) {
		if err := p.rehearse(ctx, r, s, threads); err != nil {
			return err
		}
		p.lay(done, p.stepsLeft(each, p.reserve(each)))
	}
	s.Options.Schedule = p.pieces
	return nil
}

// rehearse estimates the costs, and says if the time left is too short for the least of what
// follows.
func (p *stage1Pace) rehearse(ctx context.Context, r *Run, s *Stage1, threads *pool.Pool) error {
	begin, first := p.spent, p.costs.Step == 0
	costs, err := r.rehearse(ctx, s, threads)
	if err != nil {
		return err
	}
	p.lap()
	costs.Step, costs.Rehearsal = max(1, time.Duration(p.steps.lately)), max(1, p.spent-begin)
	p.costs, p.known = costs, s.Done()
	p.budget.pace = 1
	if least := p.takes(leastShare); first && least > p.left() {
		r.notes.say(fmt.Sprintf("warning: the budget is too short: of %v, %v are left, and what follows the steps takes about %v at least; fewer images, fewer held-out ones or wider strides of tiles take less",
			r.Budget, max(0, p.left()).Round(time.Second), least.Round(time.Second)))
	}
	return nil
}

// wantsRehearsal reports that the costs are to be estimated after done steps.
func (p *stage1Pace) wantsRehearsal(done int, decayBegins bool) bool {
	late := done >= p.known+rehearsed
	if p.costs.Step == 0 {
		return late || decayBegins
	}
	return late && decayBegins && float64(p.costs.Rehearsal) <= againShare*float64(p.left())
}

// reserve returns what is left for the phases after stage 1 if these are as much slower than
// in the rehearsal as steps are.
func (p *stage1Pace) reserve(each time.Duration) time.Duration {
	if p.costs.Step == 0 {
		return 0
	}
	p.budget.pace = float64(each) / float64(p.costs.Step)
	return p.takes(p.share(time.Duration(restShare * float64(p.total))))
}
