package train

import (
	"context"
	"fmt"
	"time"

	"anomem/simd/pool"
)

// budget divides the time of a training among its phases, by what they take.
type budget struct {
	*stopwatch
	total time.Duration // for all, less a margin
	costs costs
}

// marginShare is the share of a budget that is left for what is not measured: making and
// writing the model.
const marginShare = 1.0 / 64

// headShare is the largest share of a budget that is kept for training heads.
const headShare = 0.25

// newBudget returns the budget of r, of which a checkpoint may say that a part is spent; nil
// if there is none.
func (r *Run) newBudget(before time.Duration) *budget {
	if r.Budget == 0 {
		return nil
	}
	now := r.Now
	if now == nil {
		now = time.Now
	}
	return &budget{stopwatch: start(now, before+r.Spent), total: r.Budget - time.Duration(marginShare*float64(r.Budget))}
}

// stepsLeft returns the number of steps of a duration for which there is time before the
// reserve.
func (b *budget) stepsLeft(each, reserve time.Duration) float64 {
	return float64(b.total-reserve-b.spent) / float64(max(each, 1))
}

// stage1Pace lays the schedule of stage 1 within a budget.
type stage1Pace struct {
	*budget
	pacer
	steps steps
	begin int           // steps made before this run
	known int           // steps made when the costs were estimated; 0: they were not
	speed time.Duration // duration of a step then
}

// newStage1Pace returns the pace of stage 1, whose schedule begins or goes on; nil without a
// budget.
func (r *Run) newStage1Pace(s *Stage1) *stage1Pace {
	if r.budget == nil {
		return nil
	}
	p := &stage1Pace{
		budget: r.budget, pacer: *newPacer(s.Options.WarmUp*s.StepsPerEpoch(), 0), steps: steps{watch: r.budget.stopwatch}, begin: s.Done(),
	}
	if len(s.Options.Schedule) > 0 {
		p.pieces = s.Options.Schedule
	}
	s.Options.Schedule = p.pieces
	return p
}

// rehearsed is the number of steps after which the costs of what follows stage 1 are
// estimated. They are once more when the decay begins.
const rehearsed = 3

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
	if done == p.begin+rehearsed || falls && !fell && p.known+rehearsed < done {
		var err error
		if p.costs, err = r.rehearse(ctx, s, threads); err != nil {
			return err
		}
		p.known, p.speed = done, max(1, time.Duration(p.steps.lately))
		p.lap()
		p.lay(done, p.stepsLeft(each, p.reserve(each)))
	}
	s.Options.Schedule = p.pieces
	return nil
}

// reserve returns what is left for the phases after stage 1 if these are as much slower than
// in the rehearsal as steps are.
func (p *stage1Pace) reserve(each time.Duration) time.Duration {
	if p.speed == 0 {
		return 0
	}
	slower := float64(each) / float64(p.speed)
	heads := min(slower*float64(p.costs.heads()), headShare*float64(p.total))
	return time.Duration(slower*float64(p.costs.others()) + heads)
}
