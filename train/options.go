package train

import (
	"errors"
	"fmt"

	"anomem"
	"anomem/loss"
	"anomem/train/augment"
)

// Options are the settings of training beside those of the model. They are written into
// the model file.
type Options struct {
	Seed    uint64          `json:"seed"`
	Augment augment.Options `json:"augment"`
	Shift   augment.Shift   `json:"shift"`
	Loss    loss.Config     `json:"loss"`

	// Stage 1.
	Batch       int     `json:"batch"`   // B, rows of a step, shifted copies included
	Chunk       int     `json:"chunk"`   // rows over which norms take their statistics
	Epochs      int     `json:"epochs"`  // passes over the normal images
	Steps       int     `json:"steps"`   // at most, of all epochs; 0: no limit
	WarmUp      int     `json:"warm_up"` // epochs in which the learning rate rises, at most a tenth of all
	LR          float64 `json:"lr"`      // at a batch of 1024, in proportion to B
	Momentum    float64 `json:"momentum"`
	WeightDecay float64 `json:"weight_decay"`

	Heads HeadOptions `json:"heads"`

	// Memory is how many bytes the records of a step's chunks may take before chunks are
	// encoded twice instead. It changes no bit, and is not stored.
	Memory int64 `json:"-"`
}

// HeadOptions are those of stage 2 with labels (eqs. 10 to 12).
type HeadOptions struct {
	Views       int     `json:"views"` // of each image that heads are trained on: the plain one and augmented ones
	Epochs      int     `json:"epochs"`
	Batch       int     `json:"batch"`
	LR          float64 `json:"lr"`
	Momentum    float64 `json:"momentum"`
	WeightDecay float64 `json:"weight_decay"`
	Margin      float64 `json:"margin"` // M of eq. 11
}

// DefaultOptions are those of the method for whole images of a size: SimCLR's published
// run, and rotated copies as anomalies.
func DefaultOptions(size int) Options {
	return Options{
		Augment: augment.ForKind(augment.Object, size),
		Shift:   augment.Rotate,
		Loss:    loss.DefaultConfig(),
		Batch:   256, Chunk: 128, Epochs: 100, WarmUp: 10,
		LR: 0.5, Momentum: 0.9, WeightDecay: 1e-4,
		Heads:  HeadOptions{Views: 4, Epochs: 20, Batch: 256, LR: 0.05, Momentum: 0.9, WeightDecay: 1e-4, Margin: 2},
		Memory: 1 << 30,
	}
}

// Validate returns an error that lists what is wrong with o, or nil.
func (o *Options) Validate() error {
	var wrong []error
	say := func(bad bool, format string, args ...any) {
		if bad {
			wrong = append(wrong, fmt.Errorf("train: options: "+format, args...))
		}
	}
	say(o.Batch < 4 || o.Batch > 1<<20, "batch %d: want 4 to %d", o.Batch, 1<<20)
	say(o.Chunk < 2, "chunk %d: want 2 or more: a norm needs them", o.Chunk)
	say(o.Epochs < 1, "%d epochs: want 1 or more", o.Epochs)
	say(o.Steps < 0, "%d steps: want 0 (no limit) or more", o.Steps)
	say(o.WarmUp < 0, "%d epochs of warm-up: want 0 or more", o.WarmUp)
	say(!(o.LR > 0), "learning rate %g: want above 0", o.LR)
	say(!(o.Momentum >= 0 && o.Momentum < 1), "momentum %g: want 0 or more, below 1", o.Momentum)
	say(!(o.WeightDecay >= 0), "weight decay %g: want 0 or more", o.WeightDecay)
	h := o.Heads
	say(h.Views < 1 || h.Epochs < 1 || h.Batch < 2, "heads: %d views, %d epochs, batch %d: want 1, 1 and 2 at least", h.Views, h.Epochs, h.Batch)
	say(!(h.LR > 0) || !(h.Momentum >= 0 && h.Momentum < 1) || !(h.WeightDecay >= 0), "heads: learning rate %g, momentum %g, weight decay %g", h.LR, h.Momentum, h.WeightDecay)
	say(!(h.Margin > 0), "heads: margin %g: want above 0", h.Margin)
	return errors.Join(wrong...)
}

// Data is a training set, found and checked.
type Data interface {
	Len() int
	// Normal tells the label of image i: y = 1.
	Normal(i int) bool
	// Image returns image i. Any number of goroutines may call it.
	Image(i int) (*anomem.Image, error)
}
