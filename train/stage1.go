package train

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"anomem"
	"anomem/dataset"
	"anomem/loss"
	"anomem/nn"
	"anomem/nn/optim"
	"anomem/nn/rng"
	"anomem/simd/pool"
	"anomem/train/augment"
)

// Stage1 is algorithm 1: it trains an encoder and memories of normal prototypes. It can
// stop after any step, be stored, and continue with the same bits.
type Stage1 struct {
	Options Options
	Config  anomem.Config
	Parts   *anomem.Parts[float32]

	data    dataset.Source
	units   []unit
	pool    *pool.Pool
	stepper *Stepper[float32]
	sgd     *optim.SGD[float32]
	step    int // steps made

	base  int // units per step
	order order
	batch Batch[float32]
	views viewer
}

// Progress reports a step of stage 1.
type Progress struct {
	Step, Steps   int     // Steps is 0 while a budget has not decided it
	Epoch, Epochs int     // likewise
	Units         int     // images or tiles in the step
	Loss          float64 // eq. 7; without it, HeadsLoss
	HeadsLoss     float64 // what eq. 12 and quarter turns add, weighted by Options.Joint and Turn
	LR            float64
	GradNorm      float64
	Diagnostics   []Diagnostics // of each scale; nil: not taken in this step
}

// NewStage1 prepares the training of parts, made by anomem.NewParts, on d. All random
// numbers follow from o.Seed. It is an error if c or o is invalid, if there are fewer than
// two units or none is normal, or if a scale samples no position. With o.Freeze no step is
// to be made.
func NewStage1(c anomem.Config, o Options, parts *anomem.Parts[float32], d dataset.Source, p *pool.Pool) (*Stage1, error) {
	if err := errorsOf(c.Validate(), o.Validate()); err != nil {
		return nil, err
	}
	s := &Stage1{Options: o, Config: c, Parts: parts, data: d, pool: p}
	var err error
	if s.units, err = unitsOf(c.Input, d, false); err != nil {
		return nil, err
	}
	s.stepper = NewStepper(parts, c, o.Loss, o.Chunk, o.Memory, p)
	s.stepper.Queues, s.stepper.Memoryless, s.stepper.Uncontrasted = newQueues(c, o.Queue), o.Memoryless, o.Uncontrasted
	anomalous := func(u unit) bool { return !u.normal }
	known := slices.ContainsFunc(s.units, anomalous)
	if o.Turn > 0 && c.Head.Local {
		return nil, errors.New("train: local heads learn defects, and no quarter turns: set the weight of these to 0")
	}
	if o.Turn > 0 {
		parts.AddTurns(c, o.Seed)
		s.stepper.Turn = o.Turn
	}
	if o.Freeze {
		nn.SetTraining(parts.Encoder, false)
	}
	if o.Joint > 0 && !o.Freeze && (o.Shift != augment.None && o.Turn == 0 || known) {
		both := c
		if both.Head.RotationWeight = 0; o.Shift != augment.None && o.Turn == 0 && known && !c.Head.Local {
			both.Head.RotationWeight = 1 // known anomalies and copies have heads of their own
		}
		parts.AddHeads(both, o.Seed)
		s.stepper.Joint, s.stepper.Margin = o.Joint, o.Heads.Margin
	}
	if o.Uncontrasted && o.Turn == 0 && s.stepper.Joint == 0 {
		return nil, errors.New("train: without eq. 7, stage 1 needs anomalies to learn from, known or self-labelled: there are none")
	}
	s.sgd = s.optimiser()
	s.order = newOrder(o.Seed, s.units, o.Known)
	s.base = min(o.Batch/o.Copies(), s.order.len())
	if s.base < 2 {
		return nil, fmt.Errorf("train: %d images or tiles: want 2 at least", len(s.units))
	}
	if !slices.ContainsFunc(s.units, func(u unit) bool { return u.normal }) {
		return nil, errors.New("train: none of the images is normal: there is nothing to learn")
	}
	for i, n := range c.MapSizes() {
		if loss.SampleSize(n.Y, n.X, c.Scales[i].Ratio) == 0 {
			return nil, fmt.Errorf("train: scale %d: a ratio of %g of a map of %d×%d samples nothing: take %.2g, or larger images",
				i+1, c.Scales[i].Ratio, n.X, n.Y, math.Ceil(100/float64(n.X*n.Y))/100)
		}
	}
	s.views = newViewer(c, o, d, s.units)
	return s, nil
}

// optimiser returns the optimiser of the parts, or of nothing if no step is to be made.
func (s *Stage1) optimiser() *optim.SGD[float32] {
	var of nn.Params[float32] = s.Parts
	if s.Options.Freeze {
		of = nn.NewSequential[float32]()
	}
	return optim.NewSGD(of, s.Options.Momentum, s.Options.WeightDecay)
}

// Rows returns B, the rows of a step: those of the options, or fewer if there are fewer
// images.
func (s *Stage1) Rows() int { return s.base * s.Options.Copies() }

// StepsPerEpoch returns the number of steps in an epoch. Units that fill no step are left
// out of it.
func (s *Stage1) StepsPerEpoch() int { return s.order.len() / s.base }

// Steps returns the number of steps in all. A schedule without an end has more than are ever
// made, and an encoder that stays as it is has none.
func (s *Stage1) Steps() int {
	if s.Options.Freeze {
		return 0
	}
	if len(s.Options.Schedule) > 0 {
		if end, ok := s.Options.Schedule.End(); ok {
			return end
		}
		return scheduleMost
	}
	if all := s.Options.Epochs * s.StepsPerEpoch(); s.Options.Steps == 0 || s.Options.Steps > all {
		return all
	}
	return s.Options.Steps
}

// epochs returns the number of epochs begun when all steps are made.
func (s *Stage1) epochs() int {
	if len(s.Options.Schedule) == 0 {
		return s.Options.Epochs
	}
	each := s.StepsPerEpoch()
	return (s.Steps() + each - 1) / each
}

// planned returns the numbers of steps and epochs in all; 0 where a schedule has no end.
func (s *Stage1) planned() (steps, epochs int) {
	if steps = s.Steps(); steps == scheduleMost {
		return 0, 0
	}
	return steps, s.epochs()
}

// Done returns the number of steps made.
func (s *Stage1) Done() int { return s.step }

// schedule returns the schedule of the learning rate, in proportion to the rows of a step.
func (s *Stage1) schedule() schedule {
	each := s.StepsPerEpoch()
	return schedule{
		Schedule: optim.Schedule{
			Peak:   s.Options.LR * float64(s.Rows()) / 1024,
			WarmUp: min(s.Options.WarmUp*each, s.Steps()/10),
			Steps:  s.Steps(),
		},
		pieces: s.Options.Schedule,
	}
}

// Next makes one step. A loss or gradient that is not finite, and a collapse of the
// features, are errors that say what to change. After an error, including that of the
// context, nothing has changed: the step in flight is dropped.
func (s *Stage1) Next(ctx context.Context) (Progress, error) {
	steps := s.StepsPerEpoch()
	p := Progress{Step: s.step, Epoch: s.step / steps, Units: s.base, LR: s.schedule().At(s.step)}
	p.Steps, p.Epochs = s.planned()
	if err := s.draw(ctx, s.step); err != nil {
		return p, err
	}
	// Without eq. 7, heads that learn alone compare with the memories, quarter turns do not.
	if s.step == 0 && (!s.Options.Uncontrasted || s.Options.Turn == 0) {
		if err := s.fillMemories(ctx); err != nil {
			return p, err
		}
	}
	if err := s.gradient(ctx, &p); err != nil {
		s.stepper.running.restore()
		return p, err
	}
	s.sgd.Step(p.LR)
	s.stepper.enqueue(&s.batch)
	s.step++
	return p, nil
}

// gradient computes the gradient of a step and checks it.
func (s *Stage1) gradient(ctx context.Context, p *Progress) error {
	s.sgd.ZeroGrad()
	l, err := s.stepper.Step(&s.batch)
	if err != nil {
		return err
	}
	p.Loss, p.HeadsLoss = float64(l), s.stepper.HeadsLoss()
	if s.Options.Uncontrasted {
		p.Loss = p.HeadsLoss
	}
	p.GradNorm = s.sgd.GradNorm()
	if !finite(p.Loss) || !finite(p.GradNorm) {
		return fmt.Errorf("train: step %d: the loss is %v, the gradient %v: lower the learning rate (%g) or raise the temperature (%g)", s.step, p.Loss, p.GradNorm, s.Options.LR, s.Options.Loss.Contrast.Tau)
	}
	if s.Options.Uncontrasted {
		return ctx.Err()
	}
	if each := s.StepsPerEpoch(); s.step == 0 || s.step%each == each-1 || s.step == s.Steps()-1 {
		p.Diagnostics = diagnose(s.stepper, &s.batch)
		if err := collapsed(p.Diagnostics, s.step); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// draw draws the batch of a step. Its views, labels, orders and positions depend only on
// the seed and the step.
func (s *Stage1) draw(ctx context.Context, step int) error {
	epoch, at := step/s.StepsPerEpoch(), step%s.StepsPerEpoch()
	b := &s.batch
	b.Width, b.Size = s.Config.Input.Shape()
	rows := s.Rows()
	size := b.Width * b.Size * 3
	for v := range s.stepper.views() {
		if len(b.Views[v]) != rows*size {
			b.Views[v] = make([]float32, rows*size)
		}
	}
	b.Normal, b.Copied = resized(b.Normal, rows), resized(b.Copied, rows)
	r := rng.New(s.Options.Seed, rng.Name("second"), uint64(step))
	b.Second = r.Perm(rows)
	b.Positions = drawPositions(s.Config, s.Options.Seed, step)
	picks := s.order.of(epoch)[at*s.base : (at+1)*s.base]
	for i, p := range picks {
		for c := range s.Options.Copies() {
			row := i*s.Options.Copies() + c
			b.Normal[row], b.Copied[row] = c == 0 && s.units[p.unit].normal, c > 0
		}
	}
	return s.views.fill(ctx, s.pool, b, picks, s.Options.Copies())
}

// fillMemories draws the patterns from the encoder's features of the first batches, which
// reach into later epochs if an epoch is short. It leaves the batch of step 0 drawn.
func (s *Stage1) fillMemories(ctx context.Context) error {
	features := make([][]float32, len(s.Config.Scales))
	enough := func() bool {
		for i, sc := range s.Config.Scales {
			if len(features[i]) < 2*sc.Patterns*s.Parts.Memories[i].Patterns.Dim(1) {
				return false
			}
		}
		return true
	}
	for step := 0; step < fillSteps && !enough(); step++ {
		if err := s.draw(ctx, step); err != nil {
			return err
		}
		for i, rows := range s.stepper.features(&s.batch) {
			features[i] = append(features[i], rows...)
		}
	}
	for i, m := range s.Parts.Memories {
		n, c := m.Patterns.Dim(0), m.Patterns.Dim(1)
		r := rng.New(s.Options.Seed, rng.Name("patterns"), uint64(i))
		found, err := memoryOf(s.Options.Patterns, features[i], c, n, r, m.Config)
		if err != nil {
			return fmt.Errorf("train: scale %d: %w: take fewer patterns or more images", i+1, err)
		}
		copy(m.Patterns.Data(), found.Patterns.Data())
	}
	return s.draw(ctx, 0)
}

// Recalibrate sets the running statistics of the norms, which evaluation uses, to the mean
// over some batches of the encoder as it is now. In training they lag behind it. An encoder
// that stays as it is keeps its own.
func (s *Stage1) Recalibrate(ctx context.Context) error {
	if s.Options.Freeze {
		return nil
	}
	r := s.stepper.running
	r.begin()
	for step := range s.recalibrationSteps() {
		if err := s.draw(ctx, s.Steps()+step); err != nil {
			return err
		}
		s.stepper.measure(&s.batch)
	}
	r.replace()
	return nil
}

// recalibrationSteps returns the number of batches for Recalibrate, an epoch at most.
func (s *Stage1) recalibrationSteps() int {
	const most = 4096 // rows; the statistics then err by √(1/most)
	all := min((most+s.Rows()-1)/s.Rows(), s.StepsPerEpoch())
	return portion(all, s.Options.Shares.Recalibration, 1)
}

// fillAfter fills the memories from features of the trained encoder if stage 1 has not
// trained them.
func (s *Stage1) fillAfter(ctx context.Context) error {
	if s.stepper.Queues == nil && !s.Options.Memoryless && !s.Options.Uncontrasted && !s.Options.Freeze {
		return nil
	}
	return s.fillMemories(ctx)
}

// drawPositions returns Ω of eq. 7, the sampled positions, for each scale of a step.
func drawPositions(c anomem.Config, seed uint64, step int) [][]loss.Position {
	sizes := c.MapSizes()
	var all [][]loss.Position
	for s, sc := range c.Scales {
		r := rng.New(seed, rng.Name("positions"), uint64(step), uint64(s))
		all = append(all, loss.Sample(nil, sizes[s].Y, sizes[s].X, sc.Ratio, r))
	}
	return all
}
