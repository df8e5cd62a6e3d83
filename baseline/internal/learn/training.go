package learn

import (
	"context"
	"fmt"
	"math"
	"time"

	"anomem/autograd"
	"anomem/baseline"
	"anomem/nn/optim"
	"anomem/simd/pool"
	"anomem/train"
)

type (
	// Graph is a tape of float32 tensors.
	Graph = autograd.Graph[float32]
	// Tensor is a float32 tensor.
	Tensor = autograd.Tensor[float32]
)

// DefaultBudget is the time that a detector takes if nothing is said of it.
const DefaultBudget = 3 * time.Minute

// Budget returns a share of the time that a detector may take; what it leaves is for passes
// over all images.
func Budget(o baseline.Options, share float64) time.Duration {
	if o.Budget == 0 {
		o.Budget = DefaultBudget
	}
	return time.Duration(share * float64(o.Budget))
}

// Optimiser changes parameters by their gradients: optim.SGD and optim.Adam.
type Optimiser interface {
	Step(lr float64)
	ZeroGrad()
}

// Training makes steps with one loss.
type Training struct {
	Name   string // of the detector and of what is trained, for notes and errors
	Update Optimiser
	Rate   float64 // the peak of the learning rate

	// Steps is the number of steps; 0: as many as the budget holds. The learning rate rises
	// over at most WarmUp of them, and over a tenth of a given number. It falls to 0 over
	// the second half.
	Steps  int
	WarmUp int
	Budget time.Duration
	Now    func() time.Time // nil: time.Now

	// Loss puts the loss of a step, a scalar, on g.
	Loss func(g *Graph, step int) *Tensor
}

// noteEach is the time between two notes of progress.
const noteEach = 10 * time.Second

// Run makes the steps on p; note, unless nil, is told of the progress. It returns ctx's error
// once that is done, and fails if a loss is not finite.
func (t *Training) Run(ctx context.Context, p *pool.Pool, note func(string)) error {
	now := t.Now
	if now == nil {
		now = time.Now
	}
	pace := t.pace(now)
	g := autograd.NewGraph[float32](p)
	last := now()
	for step := 0; ; step++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		t.Update.ZeroGrad()
		l := t.Loss(g, step)
		value := float64(l.Item())
		if math.IsNaN(value) || math.IsInf(value, 0) {
			return fmt.Errorf("baseline: %s: the loss of step %d is %v: the learning rate %g is too high", t.Name, step, value, t.Rate)
		}
		g.Backward(l)
		g.Reset()
		t.Update.Step(t.Rate * pace.At(step))
		ended := pace.After(step + 1)
		if note != nil && (ended || now().Sub(last) >= noteEach) {
			last = now()
			note(fmt.Sprintf("%s: step %d, loss %.4g%s", t.Name, step+1, value, pace.left()))
		}
		if ended {
			return nil
		}
	}
}

// pace returns the schedule of the steps.
func (t *Training) pace(now func() time.Time) pace {
	if t.Steps > 0 {
		warm := min(t.WarmUp, t.Steps/10)
		return fixed{optim.Piecewise{{From: 0, To: warm, Level: optim.FullLevel}, {From: max(warm, t.Steps/2, 1), To: t.Steps}}, t.Steps}
	}
	return timed{train.NewPace(t.Budget, t.WarmUp, now)}
}

// pace is a schedule that may be laid while the steps are made.
type pace interface {
	At(step int) float64   // the learning rate, as a share of the peak
	After(done int) bool   // reports the end
	left() (remark string) // for notes
}

type fixed struct {
	optim.Piecewise
	steps int
}

func (f fixed) After(done int) bool { return done >= f.steps }
func (f fixed) left() string        { return fmt.Sprintf(" of %d steps", f.steps) }

type timed struct{ *train.Pace }

func (t timed) left() string { return fmt.Sprintf(", %v left", t.Left().Round(time.Second)) }
