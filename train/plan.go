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

// Preset is a size of model and training.
type Preset string

const (
	Quick Preset = "quick" // an eighth of the channels: minutes
	Small Preset = "small" // a quarter: the default
	Paper Preset = "paper" // section 4.2 of the paper to the letter
)

// ParsePreset returns the preset of the given name.
func ParsePreset(name string) (Preset, error) {
	if p := Preset(name); p == Quick || p == Small || p == Paper {
		return p, nil
	}
	return "", fmt.Errorf("train: preset %q is none of quick, small, paper", name)
}

// wholeSide is the longest side, in pixels, up to which images are taken whole, through
// the stem for small ones. Larger ones are cut into tiles.
const wholeSide = 64

// tileSide is the side of a tile, or less where images are narrower.
const tileSide = 128

// partSide is the longest side up to which parts are taken whole, as squares of partSize:
// what is normal in one place of a part is a defect in another. On larger pictures a defect
// would be too small to be seen then.
const partSide, partSize = 640, 96

// localJoint is Options.Joint for local heads. Made blemishes are learned from little of the
// image, and slowly beside eq. 7. On the demo's pictures, 400 steps of 128 rows: 90.1 AUROC
// with a weight of 10, 91.5 with 30; but on photographs of tiles nothing is learned with 30.
const localJoint = 10

// Settings returns what a preset asks for, for images whose longest side is longest and
// shortest one shortest, of the given kind.
func Settings(p Preset, kind augment.Kind, longest, shortest int) (anomem.Config, Options) {
	c := anomem.DefaultConfig()
	switch {
	case longest <= wholeSide:
		if longest > 40 {
			c.Input.Size = 64
		}
	case kind == augment.Part && longest <= partSide && shortest >= partSize:
		c.Input.Size, c.Encoder.Stem = partSize, "imagenet"
	default:
		// Tiles at the images' own resolution: a defect is some pixels wide.
		side := min(tileSide, max(32, shortest))
		c.Input.Tile, c.Input.Stride = side, max(1, side*3/4)
		if c.Input.Size = side / 16 * 16; c.Input.Size > wholeSide {
			c.Encoder.Stem = "imagenet"
		}
		c.Score.Top = 0.001
	}
	o := DefaultOptions(c.Input.Size)
	o.Augment = augment.ForKind(kind, c.Input.Size)
	if kind == augment.Object {
		// SimCLR's published strengths: without them, colours alone tell images apart.
		o.Augment.Hue, o.Augment.Grey = 0.1, 0.2
	} else {
		// Defects are small and may be anywhere.
		c.Head.Local, c.Head.Pool = true, 4
		o.Shift, o.Joint, o.Batch = augment.Blemish, localJoint, 128 // twice the steps
		o.Heads.WeightDecay = 1e-4                                   // a blemish is new in each view
	}
	switch p {
	case Quick:
		c.Encoder.Width = 0.125
		c.Scales[0].Patterns, c.Scales[1].Patterns = 128, 64
		o.Batch, o.Heads.Views = 128, 2
	case Paper:
		c.Encoder = anomem.Encoder{Depth: 50, Stem: c.Encoder.Stem, Width: 1}
		c.Head = anomem.DefaultConfig().Head
		c.Memory.Similarity, c.Memory.Updates, c.Memory.Eps = "none", 0, 1e-3
		c.Score = anomem.ScoreConfig{Kind: anomem.ScoreL2, Top: 1}
		o.Loss.Spread.Hinge = 0
		o.Shift, o.Joint, o.Known = augment.None, 0, 0
		o.Augment.Hue, o.Augment.Grey = 0, 0
		o.Batch, o.Epochs = 1024, 1000
		o.Heads.Batch, o.Heads.KnownViews, o.Heads.WeightDecay = 1024, 0, 1e-4
	}
	return c, o
}

// stepTime measures, for about a time, how long a step takes on a model that is thrown
// away.
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

// headTime measures how long stage 2 takes, roughly: to analyse the views of all units,
// and to train the heads, once more for each known anomaly where these are few. It
// measures either for about a time.
func headTime(ctx context.Context, about time.Duration, c anomem.Config, o Options, d dataset.Source, p *pool.Pool) (time.Duration, error) {
	parts, err := anomem.NewParts[float32](c, o.Seed)
	if err != nil {
		return 0, err
	}
	m, err := anomem.NewModel(c, parts, p)
	if err != nil {
		return 0, err
	}
	units, err := unitsOf(c.Input, d, true)
	if err != nil {
		return 0, err
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
		return 0, err
	}
	v := newViewer(c, o, d, units)
	located, views, err := v.knownViews(o.Heads)
	if err != nil {
		return 0, err
	}
	picks := min(len(units)*o.Heads.Views, headPicks)
	rows := picks
	if headShift(c.Head, o, known(d)) != augment.None {
		rows *= 2
	}
	for _, more := range located {
		if more {
			picks, rows = picks+views-o.Heads.Views, rows+views-o.Heads.Views
		}
	}
	// As many cells as there will be decide how many steps there are, not what a step
	// takes.
	for k := range cellRows {
		cells.Image, cells.Normal = append(cells.Image, k), append(cells.Normal, k%2 == 0)
		cells.Self, cells.Bag = append(cells.Self, false), append(cells.Bag, 0)
	}
	t, err := newHeadTraining(c, o.Heads, o.Seed, cells, p)
	if err != nil {
		return 0, err
	}
	steps := 0
	step, err := leastOf(about, 400, func() error {
		steps++
		return cmp.Or(t.next(steps-1), ctx.Err())
	})
	if err != nil {
		return 0, err
	}
	trainings := 1
	n := known(d)
	if n < FewDefects {
		trainings += n
	}
	if paired(c.Head, o, n) {
		trainings++
	}
	most := picks
	if c.Head.Local {
		most = min(rows*c.Head.Distances(), normalCells)
	}
	total := step * time.Duration(trainings*o.Heads.Epochs*stepsOver(most, o.Heads.Batch))
	return each*time.Duration(rows)/cellRows*3/2 + total, nil
}

// leastOf is the least time of calls, as the first ones size memory and other work on the
// machine slows some. They go on for about a time, as a slow spell outlasts a few of them:
// for fewer calls than most, for fewest of them where they are long, and for four times as
// long at the utmost.
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

// Fit plans the epochs, or where these are few and long the steps, that a training may take
// to end within a budget. What it plans is in the options: a training by them is
// repeatable, whatever the clock says then.
func Fit(ctx context.Context, budget time.Duration, c anomem.Config, o Options, d dataset.Source, p *pool.Pool) (Options, time.Duration, error) {
	start := time.Now()
	step, perEpoch, err := stepTime(ctx, budget/32, c, o, d, p)
	if err != nil {
		return o, 0, err
	}
	var rest time.Duration
	if o.Shift != augment.None || known(d) > 0 {
		if rest, err = headTime(ctx, budget/150, c, o, d, p); err != nil {
			return o, 0, err
		}
	}
	// Machines that others use slow down; an eighth is left over for that.
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

// wholeEpochs is from how many epochs on only whole ones are planned. Of fewer the last one
// may be a part, as much time would be left over.
const wholeEpochs = 4
