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

// settings are those of the preset for such images, and what flags say otherwise.
func (f *trainFlags) settings(all dataset.Source) (c anomem.Config, o train.Options, err error) {
	preset, err := train.ParsePreset(f.preset)
	if err != nil {
		return c, o, err
	}
	longest, shortest := dataset.Sides(all)
	c, o = train.Settings(preset, f.kind, longest, shortest)
	o.Seed, o.Memory = f.seed, bytesOf(f.ram)
	if f.given["shift"] {
		o.Shift = f.shift
	}
	set := func(to *int, v int) {
		if v > 0 {
			*to = v
		}
	}
	set(&c.Input.Size, f.size)
	set(&c.Encoder.Depth, f.depth)
	set(&o.Batch, f.batch)
	set(&o.Epochs, f.epochs)
	if f.width > 0 {
		c.Encoder.Width = f.width
	}
	if f.given["tile"] && f.tile != c.Input.Tile {
		c.Input.Tile, c.Input.Stride = f.tile, f.tile*3/4
		if f.tile == 0 {
			c.Score.Top = 1
		}
	}
	set(&c.Input.Stride, f.stride)
	if err := errors.Join(c.Validate(), o.Validate()); err != nil {
		return c, o, usagef("%v", err)
	}
	train.LimitPatterns(&c, o, all)
	return c, o, nil
}

// plan makes the settings of a new training, its epochs by the budget, and prints them.
func (f *trainFlags) plan(ctx context.Context, set *dataset.TrainingSet, show *progress, p *pool.Pool, start time.Time) (anomem.Config, train.Options, error) {
	c, o, err := f.settings(set.All)
	if err != nil {
		return c, o, err
	}
	length := ""
	if f.epochs == 0 && (f.preset != string(train.Paper) || f.given["budget"]) {
		var step time.Duration
		if o, step, err = train.Fit(ctx, f.budget-time.Since(start), c, o, set.All, p); err != nil {
			return c, o, fmt.Errorf("--budget %v: %w", f.budget, err)
		}
		length = fmt.Sprintf(", to end within %s: a step takes %v", f.budget, step.Round(time.Millisecond))
	}
	for _, line := range planLines(c, o, set, length) {
		show.note(line)
	}
	return c, o, nil
}

// planLines says what a training is going to do; length says more of its epochs.
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
