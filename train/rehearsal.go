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

// phase is a part of a training after stage 1, whose size within a budget is a choice.
type phase int

const (
	recalibration phase = iota // statistics of norms, and memories filled from features
	fitting                    // of densities, places or a texture, and standardising
	viewing                    // views that heads learn from
	keeping                    // cells of held-out images
	training                   // of heads, all of them
	weighing                   // heads beside other scores, and levels
	calibration
	phases
)

// costs are what the phases after stage 1 take, by a rehearsal.
type costs struct {
	Full     [phases]time.Duration // at their full size
	Least    [phases]float64       // the shares of it that they need
	HeadStep time.Duration

	Step      time.Duration // what a step of stage 1 took at that time
	Rehearsal time.Duration // what the rehearsal took
}

// add adds to the cost of a phase of n images or other units, of which it takes some at least.
func (c *costs) add(p phase, d time.Duration, n, least int) {
	c.Full[p] += d
	c.Least[p] = max(c.Least[p], leastShare, min(1, float64(least)/float64(max(1, n))))
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
	c.add(recalibration, (drawn+time.Duration(s.stepper.views())*view)*time.Duration(s.recalibrationSteps()), s.recalibrationSteps(), 1)
	if s.stepper.Queues != nil || s.Options.Memoryless || s.Options.Uncontrasted {
		c.Full[recalibration] += (drawn + view) * fillSteps
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
	if r.usesTexture(config, s.Options) {
		if err := c.rehearseTexture(ctx, m, *s.Parts, r, w); err != nil {
			return c, err
		}
	}
	if config.Input.Levels > 0 || r.usesWholes(config, s.Options) {
		if err := c.rehearseWeighing(ctx, m, r.weighedBy(), w); err != nil {
			return c, err
		}
	}
	if r.Held == nil || r.Held.Len() == 0 {
		return c, nil
	}
	return c, c.rehearseHeld(ctx, m, o, r, w)
}

// rehearseHeld estimates what the cells of held-out images and the calibration take. Places
// and textures have added theirs.
func (c *costs) rehearseHeld(ctx context.Context, m *anomem.Model, o Options, r *Run, w *stopwatch) error {
	config, n, least := m.Config(), r.Held.Len(), r.leastHeld()
	some, times, err := someUnits(config.Input, r.Held)
	if err != nil {
		return err
	}
	w.lap()
	if _, err = PlainCells(ctx, m, some, config.Score.Rotations && o.Turn == 0); err != nil {
		return err
	}
	c.add(keeping, time.Duration(float64(w.lap())*times), n, least)
	err = batches(ctx, some, func(_ int, images []*imageio.Image, regions []*imageio.Mask) { m.ExplainIn(images, regions) })
	scored := time.Duration(float64(w.lap()) * times)
	c.add(calibration, scored, n, least)
	if o.Turn > 0 { // cells have the scores of the terms
		c.Full[keeping] += scored
	}
	return err
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
	c.add(viewing, time.Duration(float64(w.lap())*float64(all.views)/float64(max(1, few.views))), all.picks/o.Heads.Views, fewestViews)
	if !labels {
		return nil
	}
	steps := trainingsOf(config, o, dataset.Anomalies(d)) * o.Heads.Epochs * stepsOver(all.larger, o.Heads.Batch)
	c.HeadStep, err = headStepTime(config, o, cells, w, p)
	c.add(training, time.Duration(steps)*c.HeadStep, steps, 1)
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
	fitted := someNormal(m.Config().Input, r.Data).Len()
	scored := fitted + 2*r.standard().Len() // by turns, and by densities
	c.add(fitting, w.lap()*time.Duration(scored)/time.Duration(max(1, few.Len())), min(fitted, r.standard().Len()), fewest)
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
	picks  int // units' views, without copies and further ones of known anomalies
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
	n := rows{picks, picks, picks}
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
