package train

import (
	"context"
	"time"

	"anomem"
	"anomem/dataset"
	"anomem/imageio"
	"anomem/simd/pool"
	"anomem/train/augment"
)

// costs are what the phases after stage 1 take.
type costs struct {
	recalibration time.Duration
	terms         time.Duration // of a sum: fitting densities, standardising
	cells, held   time.Duration
	headStep      time.Duration
	headSteps     int // of all trainings of heads
	calibration   time.Duration
}

// heads returns the time of all trainings of heads.
func (c *costs) heads() time.Duration { return time.Duration(c.headSteps) * c.headStep }

// others returns the time of everything else.
func (c *costs) others() time.Duration {
	return c.recalibration + c.terms + c.cells + c.held + c.calibration
}

// rehearse estimates the costs of what follows stage 1 by a small part of each phase, on the
// encoder as it is. It leaves no trace in s.
func (r *Run) rehearse(ctx context.Context, s *Stage1, p *pool.Pool) (costs, error) {
	as := *r
	as.Options = s.Options
	config, o, labels := as.headSettings()
	var c costs
	w := start(r.budget.now, 0)
	if err := s.draw(ctx, s.Done()); err != nil {
		return c, err
	}
	s.stepper.features(&s.batch) // one view
	each := time.Duration(s.stepper.views()) * w.lap()
	c.recalibration = each * time.Duration(s.recalibrationSteps())
	if s.stepper.Queues != nil || s.Options.Uncontrasted {
		c.recalibration += each / time.Duration(s.stepper.views()) * fillSteps
	}
	m, err := anomem.NewModel(config, s.Parts, p)
	if err != nil {
		return c, err
	}
	w.lap()
	few, _, err := someUnits(config.Input, newSubset(r.Data, true))
	if err != nil {
		return c, err
	}
	if o.Turn > 0 {
		w.lap()
		as := *s.Parts
		if err := fitDensities(ctx, m, &as, few, p); err != nil {
			return c, err
		}
		scored := someNormal(config.Input, r.Data).Len() + 2*r.standard().Len()
		c.terms = w.lap() * time.Duration(scored) / time.Duration(max(1, few.Len()))
	}
	w.lap()
	cells, err := CellsOf(ctx, m, few, o, p)
	if err != nil {
		return c, err
	}
	took := w.lap()
	rows, err := headRows(config, o, r.Data)
	if err != nil {
		return c, err
	}
	sampled, err := headRows(config, o, few)
	if err != nil {
		return c, err
	}
	c.cells = time.Duration(float64(took) * float64(rows.views) / float64(max(1, sampled.views)))
	w.lap()
	if labels {
		if c.headStep, err = headStepTime(config, o, cells, w, p); err != nil {
			return c, err
		}
		c.headSteps = trainingsOf(config, o, dataset.Anomalies(r.Data)) * o.Heads.Epochs * stepsOver(rows.larger, o.Heads.Batch)
	}
	if r.Held == nil || r.Held.Len() == 0 {
		return c, nil
	}
	some, share, err := someUnits(config.Input, r.Held)
	if err != nil {
		return c, err
	}
	w.lap()
	if _, err = PlainCells(ctx, m, some, config.Score.Rotations && o.Turn == 0); err != nil {
		return c, err
	}
	c.held = time.Duration(float64(w.lap()) * share)
	err = batches(ctx, some, func(_ int, images []*imageio.Image) { m.Explain(images) })
	c.calibration = time.Duration(float64(w.lap()) * share)
	if o.Turn > 0 { // cells have the scores of the terms
		c.held += c.calibration
	}
	return c, err
}

// someUnits returns the first images of d, with a number of units that tells the duration of
// an analysis, and how many times as many units d has.
func someUnits(in anomem.Input, d dataset.Source) (few subset, share float64, err error) {
	const enough = cellRows
	few.all = d
	for i := range d.Len() {
		few.at = append(few.at, i)
		if units, err := unitsOf(in, few, true); err != nil {
			return few, 0, err
		} else if len(units) >= enough {
			break
		}
	}
	all, err := unitsOf(in, d, true)
	if err != nil {
		return few, 0, err
	}
	some, err := unitsOf(in, few, true)
	return few, float64(len(all)) / float64(max(1, len(some))), err
}

// rows are numbers of rows that heads are trained on.
type rows struct {
	views  int // that are analysed
	larger int // with the label that has more; half of each batch is drawn from it
}

// headRows estimates the rows of CellsOf.
func headRows(c anomem.Config, o Options, d dataset.Source) (rows, error) {
	v, err := newHeadViewer(c, o, d)
	if err != nil {
		return rows{}, err
	}
	picks := min(len(v.units)*o.Heads.Views, headPicks)
	n := rows{picks, picks}
	if o.Shift != augment.None {
		n.views *= 2
	}
	for _, located := range v.located {
		if located {
			n.views, n.larger = n.views+v.views-o.Heads.Views, n.larger+v.views-o.Heads.Views
		}
	}
	if c.Head.Local {
		n.larger = min(n.views*c.Head.Distances(), normalCells)
	}
	return n, nil
}

// trainingsOf returns the number of trainings of heads: that of the model, one without each
// known anomaly if these are few, and one for rotated copies if they have heads of their own.
func trainingsOf(c anomem.Config, o Options, known int) int {
	n := 1
	if known < FewDefects {
		n += known
	}
	if c.Head.Paired() {
		n++
	}
	return n
}

// headStepTime returns the duration of a step of heads on cells that are given labels. It
// does not depend on the number of cells.
func headStepTime(c anomem.Config, o Options, cells *Cells, w *stopwatch, p *pool.Pool) (time.Duration, error) {
	for k := range cells.Len() {
		cells.Normal[k], cells.Self[k], cells.Bag[k] = k%2 == 0, k%2 == 1, 0
	}
	t, err := newHeadTraining(c, o.Heads, o.Seed, cells, p)
	if err != nil {
		return 0, err
	}
	const warm, steps = 2, 10
	for step := range warm + steps {
		if step == warm {
			w.lap()
		}
		if err := t.next(step); err != nil {
			return 0, err
		}
	}
	return w.lap() / steps, nil
}
