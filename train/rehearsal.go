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

// costs are what the phases after stage 1 take, by a rehearsal.
type costs struct {
	Recalibration time.Duration
	Terms         time.Duration // of a sum: fitting densities or places, standardising
	Cells, Held   time.Duration
	HeadStep      time.Duration
	HeadSteps     int // of all trainings of heads
	Calibration   time.Duration

	Step      time.Duration // what a step of stage 1 took at that time
	Rehearsal time.Duration // what the rehearsal took
}

// heads returns the time of all trainings of heads.
func (c *costs) heads() time.Duration { return time.Duration(c.HeadSteps) * c.HeadStep }

// others returns the time of everything else.
func (c *costs) others() time.Duration {
	return c.Recalibration + c.Terms + c.Cells + c.Held + c.Calibration
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
	drawn := w.lap()
	s.stepper.features(&s.batch) // one view
	view := w.lap()
	c.Recalibration = (drawn + time.Duration(s.stepper.views())*view) * time.Duration(s.recalibrationSteps())
	if s.stepper.Queues != nil || s.Options.Memoryless || s.Options.Uncontrasted {
		c.Recalibration += (drawn + view) * fillSteps
	}
	m, err := anomem.NewModel(config, s.Parts, p)
	if err != nil {
		return c, err
	}
	if err := c.rehearseHeads(ctx, m, o, labels, r.Data, w, p); err != nil {
		return c, err
	}
	if o.Turn > 0 {
		if err := c.rehearseTerms(ctx, m, *s.Parts, r, w, p); err != nil {
			return c, err
		}
	}
	if r.usesPlaces(config, s.Options) {
		if err := c.rehearsePlaces(ctx, m, *s.Parts, r, w, p); err != nil {
			return c, err
		}
	}
	if config.Input.Levels > 0 {
		if err := c.rehearseLevels(ctx, m, r, w); err != nil {
			return c, err
		}
	}
	if r.Held == nil || r.Held.Len() == 0 {
		return c, nil
	}
	some, times, err := someUnits(config.Input, r.Held)
	if err != nil {
		return c, err
	}
	w.lap()
	if _, err = PlainCells(ctx, m, some, config.Score.Rotations && o.Turn == 0); err != nil {
		return c, err
	}
	c.Held += time.Duration(float64(w.lap()) * times)
	err = batches(ctx, some, func(_ int, images []*imageio.Image, regions []*imageio.Mask) { m.ExplainIn(images, regions) })
	scored := time.Duration(float64(w.lap()) * times)
	c.Calibration += scored
	if o.Turn > 0 || r.usesPlaces(config, s.Options) { // cells have the scores of the terms
		c.Held += scored
	}
	return c, err
}

// rehearseHeads estimates the costs of the cells that heads are trained on, and of the
// trainings if there are labels.
func (c *costs) rehearseHeads(ctx context.Context, m *anomem.Model, o Options, labels bool, d dataset.Source, w *stopwatch, p *pool.Pool) error {
	config := m.Config()
	some, _, err := someUnits(config.Input, newSubset(d, true))
	if err != nil {
		return err
	}
	all, err := headRows(config, o, d)
	if err != nil {
		return err
	}
	few, err := headRows(config, o, some)
	if err != nil {
		return err
	}
	w.lap()
	cells, err := CellsOf(ctx, m, some, o, p)
	if err != nil {
		return err
	}
	c.Cells = time.Duration(float64(w.lap()) * float64(all.views) / float64(max(1, few.views)))
	if !labels {
		return nil
	}
	c.HeadSteps = trainingsOf(config, o, dataset.Anomalies(d)) * o.Heads.Epochs * stepsOver(all.larger, o.Heads.Batch)
	c.HeadStep, err = headStepTime(config, o, cells, w, p)
	return err
}

// rehearseTerms estimates what it takes to fit densities and to standardise a sum's terms. It
// fits densities to few images, in parts, which are a copy.
func (c *costs) rehearseTerms(ctx context.Context, m *anomem.Model, parts anomem.Parts[float32], r *Run, w *stopwatch, p *pool.Pool) error {
	few, _, err := someUnits(m.Config().Input, newSubset(r.Data, true))
	if err != nil {
		return err
	}
	w.lap()
	if err := fitDensities(ctx, m, &parts, few, p); err != nil {
		return err
	}
	scored := someNormal(m.Config().Input, r.Data).Len() + 2*r.standard().Len() // by turns, and by densities
	c.Terms = w.lap() * time.Duration(scored) / time.Duration(max(1, few.Len()))
	return nil
}

// someUnits returns the first images of d, with a number of units that tells the duration of
// an analysis, and how many times as many units d has.
func someUnits(in anomem.Input, d dataset.Source) (few subset, times float64, err error) {
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
