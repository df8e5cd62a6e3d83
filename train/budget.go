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
	return &budget{stopwatch: start(now, state.Spent+r.Spent), total: total, costs: state.Costs}
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
		begin := p.spent
		costs, err := r.rehearse(ctx, s, threads)
		if err != nil {
			return err
		}
		p.lap()
		costs.Step, costs.Rehearsal = max(1, time.Duration(p.steps.lately)), max(1, p.spent-begin)
		p.costs, p.known = costs, done
		p.lay(done, p.stepsLeft(each, p.reserve(each)))
	}
	s.Options.Schedule = p.pieces
	return nil
}

// wantsRehearsal reports that the costs are to be estimated after done steps.
func (p *stage1Pace) wantsRehearsal(done int, decayBegins bool) bool {
	late := done >= p.known+rehearsed
	if p.costs.Step == 0 {
		return late || decayBegins
	}
	return late && decayBegins && float64(p.costs.Rehearsal) <= againShare*float64(p.total-p.spent)
}

// reserve returns what is left for the phases after stage 1 if these are as much slower than
// in the rehearsal as steps are.
func (p *stage1Pace) reserve(each time.Duration) time.Duration {
	if p.costs.Step == 0 {
		return 0
	}
	slower := float64(each) / float64(p.costs.Step)
	heads := min(slower*float64(p.costs.heads()), headShare*float64(p.total))
	return time.Duration(slower*float64(p.costs.others()) + heads)
}
