package train

import (
	"errors"
	"fmt"

	"anomem"
	"anomem/loss"
	"anomem/nn/optim"
	"anomem/train/augment"
)

// Options are the settings of training beside those of the model. They are written into the
// model file.
type Options struct {
	Seed    uint64          `json:"seed"`
	Augment augment.Options `json:"augment"`
	Shift   augment.Shift   `json:"shift"`
	Loss    loss.Config     `json:"loss"`

	// Rotations scores images against their rotated copies where these are anomalies. Known
	// anomalies then have heads of their own, since a rotated copy may show them as well.
	// Local heads have no second kind and compare only where no anomaly is known.
	Rotations bool `json:"turns"`

	// Stage 1.
	Batch       int     `json:"batch"`   // B, rows per step, shifted copies included; after training, those there were
	Chunk       int     `json:"chunk"`   // rows over which batch norms take their statistics
	Epochs      int     `json:"epochs"`  // passes over the normal images
	Steps       int     `json:"steps"`   // limit over all epochs; 0: none
	WarmUp      int     `json:"warm_up"` // epochs in which the learning rate rises, at most a tenth of all
	LR          float64 `json:"lr"`      // for a batch of 1024; it is scaled in proportion to B
	Momentum    float64 `json:"momentum"`
	WeightDecay float64 `json:"weight_decay"`

	// Schedule gives the steps of stage 1 and their learning rates in place of Epochs,
	// Steps, WarmUp and the cosine. A training within a budget lays it as it goes on, and
	// so do Heads.Schedules; with both given, another training makes the same steps. Epochs
	// and Steps then follow from it.
	Schedule optim.Piecewise `json:"schedule,omitempty"`

	// Joint is the weight of eq. 12 in stage 1: heads that are thrown away afterwards teach
	// the encoder to tell anomalies, known or self-labelled, from normal images. 0 keeps
	// the stages apart, as the paper does. On CIFAR-10's automobile, six epochs, validated
	// on the training split: 79.9 AUROC without, 83.9 with a weight of 2.
	Joint float64 `json:"joint"`

	// Turn is the weight in stage 1 of classifying by how many quarter turns a row is
	// rotated (TurnHead). Each unit then gives four rows, one for each quarter turn. 0:
	// none.
	Turn float64 `json:"turn,omitempty"`

	// Uncontrasted leaves eq. 7 out of stage 1: rows have one view, and the memories are
	// filled from features of the trained encoder. Without quarter turns, Joint teaches the
	// encoder, whose heads see deviations from patterns that are trained with them.
	Uncontrasted bool `json:"uncontrasted,omitempty"`

	// FirstScale multiplies the first weights of convolutions; 0: they stay. A batch norm
	// follows each, so that their size only says how fast they turn.
	FirstScale float64 `json:"first_scale,omitempty"`

	// Freeze leaves the encoder as it was read (Run.Encoder), its statistics, too. Stage 1
	// then only fills the memories.
	Freeze bool `json:"freeze,omitempty"`

	// Known is the least share of known anomalies among the images of stage 1. Where there
	// are fewer, an epoch passes over them several times.
	Known float64 `json:"known"`

	// Mix is the share of the views of known anomalies that show a part of another one, too.
	// It needs 20 of them or more, taken whole, and heads that see whole images.
	Mix float64 `json:"mix,omitempty"`

	// Patterns selects the initial patterns of the memories: "" (features), "kmeans" or
	// "random".
	Patterns Patterns `json:"patterns,omitempty"`

	// Queue above 0 is the number of normal features of each scale that stage 1 keeps. The
	// nearest of them replaces the memory's retrieval of a feature, and the memories are
	// filled from the features after stage 1.
	Queue int `json:"queue,omitempty"`

	// Memoryless contrasts features themselves in place of what the memories retrieve, as
	// SimCLR does (eq. 2). The memories are filled from features after stage 1. It is the
	// baseline of the paper's table 4.
	Memoryless bool `json:"memoryless,omitempty"`

	Heads HeadOptions `json:"heads"`

	// Shares says how much of their images the phases after stage 1 take. A training within a
	// budget decides it.
	Shares Shares `json:"shares,omitzero"`

	// Memory bounds the bytes that the records of a step's chunks may take. Beyond it,
	// chunks are encoded twice instead. It changes no bit and is not stored.
	Memory int64 `json:"-"`
}

// Patterns names a way to initialise the patterns of memories.
type Patterns string

const (
	PatternsFeatures Patterns = ""       // normal features of the first batches, drawn at random
	PatternsKMeans   Patterns = "kmeans" // the k-means centres of these features
	PatternsRandom   Patterns = "random" // from the standard normal distribution
)

// Valid reports whether p is one of the constants.
func (p Patterns) Valid() bool {
	return p == PatternsFeatures || p == PatternsKMeans || p == PatternsRandom
}

// HeadOptions are the settings of stage 2 with labels (eqs. 10 to 12).
type HeadOptions struct {
	Views       int     `json:"views"`                 // of each image: the plain one and augmented ones
	KnownViews  int     `json:"known_views,omitempty"` // of each located known anomaly, if larger than Views
	Epochs      int     `json:"epochs"`
	Batch       int     `json:"batch"`
	LR          float64 `json:"lr"`
	Momentum    float64 `json:"momentum"`
	WeightDecay float64 `json:"weight_decay"`
	Margin      float64 `json:"margin"` // M of eq. 11

	// Schedules gives the steps of each training of heads, in turn, in place of Epochs and
	// the cosine; see Options.Schedule.
	Schedules []optim.Piecewise `json:"schedules,omitempty"`
}

// DefaultOptions returns the options of the method for whole images of a size: those of
// SimCLR's published run, with rotated copies as anomalies. Heads that see 4 views of each
// of 210 known anomalies of CIFAR-10 overfit to them: 87.8 AUROC on automobile, and 91.2
// with 64 views. There, a weight decay of 5e-3 in place of 1e-4 adds another point. It adds
// nothing, or a tenth of a point, with heads for rotated copies (validated on the training
// split).
func DefaultOptions(size int) Options {
	return Options{
		Augment: augment.ForKind(augment.Object, size),
		Shift:   augment.Rotate, Rotations: true,
		Loss:  loss.DefaultConfig(),
		Batch: 256, Chunk: 128, Epochs: 100, WarmUp: 10,
		LR: 0.5, Momentum: 0.9, WeightDecay: 1e-4,
		Joint: 2, Known: 0.25,
		Heads:  HeadOptions{Views: 4, KnownViews: 64, Epochs: 20, Batch: 256, LR: 0.05, Momentum: 0.9, WeightDecay: 5e-3, Margin: 2},
		Memory: 1 << 30,
	}
}

// Copies returns the number of rows that an image or a tile gives a step of stage 1: itself
// and, with a shift, a shifted copy, or with quarter turns all of its rotated copies.
func (o *Options) Copies() int {
	switch {
	case o.Turn > 0:
		return anomem.QuarterTurns
	case o.Shift == augment.None:
		return 1
	}
	return 2
}

// Validate returns an error that lists everything wrong with o, or nil.
func (o *Options) Validate() error {
	var wrong []error
	say := func(bad bool, format string, args ...any) {
		if bad {
			wrong = append(wrong, fmt.Errorf("train: options: "+format, args...))
		}
	}
	least := 2 * o.Copies() // two images, so that they can be contrasted
	say(o.Batch < least || o.Batch > 1<<20, "batch %d: want %d to %d", o.Batch, least, 1<<20)
	say(o.Chunk < 3, "chunk %d: want 3 or more, so that no chunk has a single row, which gives a norm no statistics", o.Chunk)
	say(o.Epochs < 1 || o.Epochs > mostEpochs, "%d epochs: want 1 to %d", o.Epochs, mostEpochs)
	say(o.Steps < 0, "%d steps: want 0 (no limit) or more", o.Steps)
	say(o.WarmUp < 0 || o.WarmUp > mostEpochs, "%d epochs of warm-up: want 0 to %d", o.WarmUp, mostEpochs)
	say(!(o.LR > 0) || !finite(o.LR), "learning rate %g: want above 0", o.LR)
	say(!(o.Momentum >= 0 && o.Momentum < 1), "momentum %g: want 0 or more, below 1", o.Momentum)
	say(!(o.WeightDecay >= 0) || !finite(o.WeightDecay), "weight decay %g: want 0 or more", o.WeightDecay)
	say(!(o.Joint >= 0 && o.Joint <= 1e6), "weight %g of the heads in stage 1: want 0 to 1e6", o.Joint)
	say(!(o.Turn >= 0 && o.Turn <= 1e6), "weight %g of quarter turns in stage 1: want 0 to 1e6", o.Turn)
	say(!(o.FirstScale >= 0 && o.FirstScale <= 1e3), "factor %g on the first weights: want 0 (none) to 1000", o.FirstScale)
	say(o.Turn > 0 && o.Shift != augment.Rotate, "quarter turns are told apart only where rotated copies count as anomalies: want the shift rotate")
	say(o.Uncontrasted && o.Turn == 0 && o.Joint == 0, "without eq. 7, stage 1 needs quarter turns or heads (joint) to learn from")
	say(o.Uncontrasted && o.Queue > 0, "a queue of features is of no use without eq. 7")
	say(o.Freeze && (o.Turn > 0 || o.Queue > 0), "an encoder that stays as it is learns no quarter turns and needs no queue of features: want turn 0 and queue 0")
	say(!(o.Known >= 0 && o.Known <= 0.9), "share %g of known anomalies: want 0 to 0.9", o.Known)
	say(!(o.Mix >= 0 && o.Mix <= 1), "share %g of mixed known anomalies: want 0 to 1", o.Mix)
	say(!o.Patterns.Valid(), "patterns %q: want \"\" (features), kmeans or random", o.Patterns)
	say(o.Queue < 0 || o.Queue > 1<<20, "a queue of %d features: want 0 (none) to %d", o.Queue, 1<<20)
	say(o.Memoryless && (o.Queue > 0 || o.Uncontrasted || o.Freeze), "without memories in stage 1, it contrasts features themselves: want no queue, eq. 7 and an encoder that learns")
	say(o.Memoryless && o.Patterns == PatternsRandom, "without memories in stage 1, random patterns stay untrained: want features or kmeans")
	say(o.Queue > 0 && o.Patterns == PatternsRandom, "a queue of features leaves random patterns untrained: want features or kmeans")
	if err := o.Schedule.Check(scheduleMost); err != nil {
		wrong = append(wrong, fmt.Errorf("train: options: schedule: %w", err))
	}
	l := o.Loss
	say(!(l.Contrast.Tau >= 1e-6 && l.Contrast.Tau <= 1e6), "temperature %g: want 1e-6 to 1e6", l.Contrast.Tau)
	say(!l.Contrast.Pair.Valid(), "pair loss %v: want ntxent, barlow or vicreg", l.Contrast.Pair)
	say(!(l.LambdaV >= 0) || !finite(l.LambdaV), "weight %g of the variance loss: want 0 or more", l.LambdaV)
	say(!(l.Spread.Hinge >= 0) || !(l.Spread.Eps > 0), "variance loss: hinge %g, eps %g: want 0 (none) or more, and above 0", l.Spread.Hinge, l.Spread.Eps)
	o.Shares.validate(say)
	return errors.Join(append(wrong, o.Augment.Check(), o.Heads.Validate())...)
}

// mostEpochs and scheduleMost bound the numbers of epochs, and of the steps of a schedule,
// far above those of any training.
const (
	mostEpochs   = 1 << 20
	scheduleMost = 1 << 30
)

// Validate returns an error that lists everything wrong with o, or nil.
func (o *HeadOptions) Validate() error {
	var wrong []error
	say := func(bad bool, format string, args ...any) {
		if bad {
			wrong = append(wrong, fmt.Errorf("train: options: heads: "+format, args...))
		}
	}
	say(o.Views < 1 || o.Views > 1<<10, "%d views: want 1 to %d", o.Views, 1<<10)
	say(o.KnownViews < 0 || o.KnownViews > 1<<10, "%d views of known anomalies: want 0 (as many as of others) to %d", o.KnownViews, 1<<10)
	say(o.Epochs < 1 || o.Epochs > mostEpochs, "%d epochs: want 1 to %d", o.Epochs, mostEpochs)
	say(o.Batch < 2 || o.Batch > 1<<20, "batch %d: want 2 to %d", o.Batch, 1<<20)
	say(!(o.LR > 0) || !finite(o.LR), "learning rate %g: want above 0", o.LR)
	say(!(o.Momentum >= 0 && o.Momentum < 1), "momentum %g: want 0 or more, below 1", o.Momentum)
	say(!(o.WeightDecay >= 0) || !finite(o.WeightDecay), "weight decay %g: want 0 or more", o.WeightDecay)
	say(!(o.Margin > 0) || !finite(o.Margin), "margin %g: want above 0", o.Margin)
	for i, schedule := range o.Schedules {
		_, ends := schedule.End()
		say(!ends, "schedule %d has no end: its last level is not 0", i+1)
		if err := schedule.Check(scheduleMost); err != nil {
			wrong = append(wrong, fmt.Errorf("train: options: heads: schedule %d: %w", i+1, err))
		}
	}
	return errors.Join(wrong...)
}
