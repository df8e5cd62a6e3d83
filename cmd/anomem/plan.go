package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"anomem"
	"anomem/dataset"
	"anomem/simd/pool"
	"anomem/train"
	"anomem/train/augment"
)

// settings returns the settings of the preset for the images, changed by the other options
// and at last by --set, and notes on values of --set that the images do not allow.
func (f *trainFlags) settings(all dataset.Source) (s settings, notes []string, err error) {
	preset, err := train.ParsePreset(f.preset)
	if err != nil {
		return s, nil, err
	}
	longest, shortest := dataset.Sides(all)
	c, o := train.Settings(preset, f.kind, longest, shortest)
	o.Seed, o.Memory = f.seed, bytesOf(f.ram)
	f.override(&c, &o)
	s = settings{&c, &o}
	kind := c.Score.Kind
	if err := s.apply(f.sets.texts); err != nil {
		return s, nil, usagef("%v", err)
	}
	if err := errors.Join(c.Validate(), o.Validate()); err != nil {
		return s, nil, usagef("%v", err)
	}
	c.Score.Kind = kind // see trainFlags.score
	before := append([]anomem.ScaleConfig(nil), c.Scales...)
	train.LimitPatterns(&c, o, all)
	for i, is := range c.Scales {
		name := fmt.Sprintf("scales.%d.patterns", i)
		if was := before[i].Patterns; was != is.Patterns && f.sets.covers(name) {
			notes = append(notes, fmt.Sprintf("%s is %d, not %d: the first steps have no features for more", name, is.Patterns, was))
		}
	}
	return s, notes, nil
}

// override changes settings by the options that are given.
func (f *trainFlags) override(c *anomem.Config, o *train.Options) {
	if f.given["shift"] {
		*o = o.WithShift(f.shift)
	}
	if f.width > 0 {
		c.Encoder.Width = f.width
	}
	if f.given["tile"] && f.tile != c.Input.Tile {
		c.Input.Tile, c.Input.Stride = f.tile, f.tile*3/4
		if f.tile == 0 {
			c.Score.Top = 1
		}
	}
	for _, v := range []struct {
		to    *int
		value int
	}{
		{&c.Input.Size, f.size}, {&c.Input.Stride, f.stride}, {&c.Encoder.Depth, f.depth},
		{&o.Batch, f.batch}, {&o.Epochs, f.epochs},
	} {
		if v.value > 0 {
			*v.to = v.value
		}
	}
}

// fits reports that the length of training follows from the budget.
func (f *trainFlags) fits() bool {
	return f.epochs == 0 && f.setsLength() == "" && (f.preset != string(train.Paper) || f.given["budget"])
}

// setsLength returns the setting by which --set says how long to train; "" if there is none.
func (f *trainFlags) setsLength() string {
	for _, name := range []string{"train.epochs", "train.steps"} {
		if f.sets.covers(name) {
			return name
		}
	}
	return ""
}

// plan returns the settings of a new training, with its epochs by the budget, and shows them.
func (f *trainFlags) plan(ctx context.Context, set *dataset.TrainingSet, show *progress, p *pool.Pool, start time.Time) (settings, error) {
	s, notes, err := f.settings(set.All)
	if err != nil {
		return s, err
	}
	length, stepSeconds := "", 0.0
	if f.fits() {
		var step time.Duration
		if *s.Train, step, err = train.Fit(ctx, f.budget-time.Since(start), *s.Config, *s.Train, set.All, p); err != nil {
			return s, fmt.Errorf("--budget %v: %w", f.budget, err)
		}
		length = fmt.Sprintf(", to end within %s: a step takes %v", f.budget, step.Round(time.Millisecond))
		stepSeconds = step.Seconds()
	}
	for _, line := range append(planLines(*s.Config, *s.Train, set, length), notes...) {
		show.note(line)
	}
	e := planOf(*s.Config, *s.Train, set.All, set.Held)
	e.StepSeconds = stepSeconds
	show.plan(e)
	return s, nil
}

// planLines describes a training that is to come. length is added to its epochs.
func planLines(c anomem.Config, o train.Options, set *dataset.TrainingSet, length string) []string {
	known := dataset.Anomalies(set.All)
	how := fmt.Sprintf("whole, as %d×%d", c.Input.Size, c.Input.Size)
	if c.Input.Tile > 0 {
		how = fmt.Sprintf("in tiles of %d pixels every %d, as %d×%d", c.Input.Tile, c.Input.Stride, c.Input.Size, c.Input.Size)
	}
	epochs := plural(o.Epochs, "epoch", "epochs")
	normals, rows := train.NormalUnits(c, o, set.All)
	if o.Steps > 0 {
		epochs = fmt.Sprintf("%s, %.2g epochs", plural(o.Steps, "step", "steps"), float64(o.Steps*rows)/float64(normals))
	}
	if o.Shift != augment.None {
		rows *= 2
	}
	var patterns []string
	for _, s := range c.Scales {
		patterns = append(patterns, fmt.Sprint(s.Patterns))
	}
	return []string{
		fmt.Sprintf("images: %d normal, %s, %d more normal ones held out; seen %s", set.All.Len()-known, plural(known, "known anomaly", "known anomalies"), set.Held.Len(), how),
		fmt.Sprintf("model:  ResNet-%d, %s stem, width %g; memories of %s patterns", c.Encoder.Depth, c.Encoder.Stem, c.Encoder.Width, strings.Join(patterns, " and ")),
		fmt.Sprintf("train:  %s%s; %d rows a step, self-labelled anomalies: %v, seed %d", epochs, length, rows, o.Shift, o.Seed),
	}
}
