package train

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"time"

	"anomem"
	"anomem/autograd"
	"anomem/dataset"
	"anomem/simd/pool"
	"anomem/train/augment"
)

// stepTime measures a step of stage 1 for about the given time, on a model that is thrown
// away. It returns the duration of a step and the number of steps per epoch.
func stepTime(ctx context.Context, about time.Duration, c anomem.Config, o Options, d dataset.Source, p *pool.Pool) (step time.Duration, perEpoch int, err error) {
	parts, err := anomem.NewParts[float32](c, o.Seed)
	if err != nil {
		return 0, 0, err
	}
	o.Epochs, o.Steps = mostEpochs, 0
	s, err := NewStage1(c, o, parts, d, p)
	if err != nil {
		return 0, 0, err
	}
	step, err = leastOf(about, 30, func() error {
		_, err := s.Next(ctx)
		return err
	})
	return step, s.StepsPerEpoch(), err
}

// headTime estimates the duration of stage 2: analysing the views of all units and training
// the heads, once more for each known anomaly where these are few. It measures each for
// about the given time.
func headTime(ctx context.Context, about time.Duration, c anomem.Config, o Options, d dataset.Source, p *pool.Pool) (time.Duration, error) {
	cells, each, err := analysisTime(ctx, about, c, o, p)
	if err != nil {
		return 0, err
	}
	v, err := newHeadViewer(c, o, d)
	if err != nil {
		return 0, err
	}
	step, err := headStepTime(ctx, about, c, o, cells, p)
	if err != nil {
		return 0, err
	}
	known := dataset.Anomalies(d)
	picks := min(len(v.units)*o.Heads.Views, headPicks)
	rows := picks
	if headShift(c.Head, o, known) != augment.None {
		rows *= 2
	}
	for _, more := range v.located {
		if more {
			picks, rows = picks+v.views-o.Heads.Views, rows+v.views-o.Heads.Views
		}
	}
	trainings := 1
	if known < FewDefects {
		trainings += known
	}
	if paired(c.Head, o, known) {
		trainings++
	}
	most := picks
	if c.Head.Local {
		most = min(rows*c.Head.Distances(), normalCells)
	}
	total := step * time.Duration(trainings*o.Heads.Epochs*stepsOver(most, o.Heads.Batch))
	return each*time.Duration(rows)/cellRows*3/2 + total, nil
}

// analysisTime measures the analysis of cellRows squares for about the given time, on a
// model that is thrown away. It returns their cells, half of them labelled as normal, and
// the duration.
func analysisTime(ctx context.Context, about time.Duration, c anomem.Config, o Options, p *pool.Pool) (*Cells, time.Duration, error) {
	parts, err := anomem.NewParts[float32](c, o.Seed)
	if err != nil {
		return nil, 0, err
	}
	m, err := anomem.NewModel(c, parts, p)
	if err != nil {
		return nil, 0, err
	}
	g := autograd.NewGraph[float32](p)
	first := make([]bool, cellRows*c.Head.Distances())
	for k := range cellRows {
		first[k*c.Head.Distances()] = true
	}
	var cells *Cells
	each, err := leastOf(about, 400, func() error {
		x := g.NewTensor(cellRows, c.Input.Size, c.Input.Size, 3)
		clear(x.Data())
		cells = &Cells{Scales: make([][]float32, len(c.Scales))}
		cells.add(g, m, m.Analyse(g, x), first)
		g.Reset()
		return ctx.Err()
	})
	if err != nil {
		return nil, 0, err
	}
	for k := range cellRows {
		cells.label(k, 0, k%2 == 0, false, 0)
	}
	return cells, each, nil
}

// headStepTime measures a step of the heads for about the given time. Its duration does not
// depend on the number of cells.
func headStepTime(ctx context.Context, about time.Duration, c anomem.Config, o Options, cells *Cells, p *pool.Pool) (time.Duration, error) {
	t, err := newHeadTraining(c, o.Heads, o.Seed, cells, p)
	if err != nil {
		return 0, err
	}
	steps := 0
	return leastOf(about, 400, func() error {
		steps++
		return cmp.Or(t.next(steps-1), ctx.Err())
	})
}

// leastOf returns the shortest duration of a call: the first calls size memory, and other
// work on the machine slows some. Calls repeat for about the given time, which outlasts
// most slow spells: at least fewest, at most most, and never beyond four times that time.
func leastOf(about time.Duration, most int, call func() error) (time.Duration, error) {
	const fewest = 7
	least := time.Duration(math.MaxInt64)
	begin := time.Now()
	for n := range most {
		start := time.Now()
		if err := call(); err != nil {
			return 0, err
		}
		last := time.Since(start)
		least = max(1, min(least, last))
		if so := time.Since(begin); so+last > 4*about || n+1 >= fewest && so >= about {
			break
		}
	}
	return least, nil
}

// Fit plans a training that ends within a budget. It returns the options with the planned
// number of epochs, or of steps where epochs are few and long, and the duration of a step.
// A training with these options is repeatable: it does not look at the clock. It is an
// error if the budget leaves no time for a step.
func Fit(ctx context.Context, budget time.Duration, c anomem.Config, o Options, d dataset.Source, p *pool.Pool) (Options, time.Duration, error) {
	start := time.Now()
	step, perEpoch, err := stepTime(ctx, budget/32, c, o, d, p)
	if err != nil {
		return o, 0, err
	}
	var rest time.Duration
	if o.Shift != augment.None || dataset.Anomalies(d) > 0 {
		if rest, err = headTime(ctx, budget/150, c, o, d, p); err != nil {
			return o, 0, err
		}
	}
	// An eighth is left for slow spells of a shared machine.
	left := budget - budget/8 - rest - time.Since(start)
	steps := int(left / step)
	if steps < 1 {
		return o, step, fmt.Errorf("train: the budget leaves no time for training: a step takes %v, heads and calibration %v", step.Round(time.Millisecond), rest.Round(time.Millisecond))
	}
	o.Epochs, o.Steps = min(steps/perEpoch, mostEpochs), 0
	if o.Epochs < wholeEpochs {
		o.Epochs, o.Steps = (steps+perEpoch-1)/perEpoch, steps
	}
	return o, step, nil
}

// wholeEpochs is the least number of epochs that are planned whole. Of fewer, the last may
// be cut short, since much of the budget would be left over otherwise.
const wholeEpochs = 4
