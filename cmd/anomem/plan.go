package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"anomem"
	"anomem/dataset"
	"anomem/describe"
	"anomem/imageio"
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
	c, o := train.Settings(preset, f.kind.is, longest, shortest)
	o.Seed, o.Memory = f.seed, bytesOf(f.ram)
	if f.begin != nil {
		f.begin.Use(&c, &o, f.kind.is, shortest, f.freeze)
	}
	f.override(&c, &o)
	train.LimitPlaces(&c)
	if f.size.w == 0 && !f.sets.covers("input.size") && !f.sets.covers("input.width") {
		train.FitShape(&c.Input, o, all)
	}
	s = settings{&c, &o}
	kind := c.Score.Kind
	if err := s.apply(f.sets.texts); err != nil {
		return s, nil, usagef("%v", err)
	}
	switch {
	case f.sets.covers("score.turns") && !c.Score.Rotations:
		o.Rotations = false
	case f.sets.covers("head.turned") && !f.sets.covers("score.turns"):
		c.Score.Rotations = true // they are compared across these
	}
	if err := errors.Join(c.Validate(), o.Validate()); err != nil {
		return s, nil, usagef("%v", err)
	}
	if w, h := c.Input.Shape(); w != h && (o.Turn > 0 || o.Shift.Rotates()) {
		return s, nil, usagef("--size %dx%d: this training makes quarter turns of images (--shift %v), which their shape alone would tell: give one side, or --kind part or texture, or --shift blemish", w, h, o.Shift)
	}
	c.Score.Kind = kind // see trainFlags.score
	if g, ok := dataset.RangeOf(all); ok {
		c.Input.Range = g // see trainFlags.valueRange
	}
	if l := f.length; l != nil {
		o.Epochs, o.Steps, o.Schedule, o.Heads.Schedules, o.Shares = l.Epochs, l.Steps, l.Schedule, l.Heads.Schedules, l.Shares
	}
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
		for c.Input.Levels > 0 && f.tile > c.Input.Tile { // the largest tiles stay within the image
			c.Input.Levels, c.Input.Tile = c.Input.Levels-1, 2*c.Input.Tile
		}
		c.Input.Tile, c.Input.Stride = f.tile, f.tile*3/4
		if f.tile == 0 {
			c.Input.Levels, c.Score.Top = 0, 1
		}
	}
	if f.size.w > 0 {
		c.Input.Size, c.Input.Width = f.size.h, 0
	}
	if f.size.w != f.size.h {
		c.Input.Width = f.size.w
		if !f.given["tile"] { // tiles are squares
			c.Input.Tile, c.Input.Stride, c.Input.Levels, c.Score.Top = 0, 0, 0, 1
		}
	}
	for _, v := range []struct {
		to    *int
		value int
	}{
		{&c.Input.Stride, f.stride}, {&c.Encoder.Depth, f.depth},
		{&o.Batch, f.batch}, {&o.Epochs, f.epochs},
	} {
		if v.value > 0 {
			*v.to = v.value
		}
	}
}

// hasBudget reports that a budget says how long to train.
func (f *trainFlags) hasBudget() bool {
	return f.given["budget"] || len(f.lengths()) == 0 && f.preset != string(train.Paper)
}

// lengths returns the options given that say how long to train.
func (f *trainFlags) lengths() []string {
	var all []string
	for _, name := range []string{"epochs", "budget", "repeat"} {
		if f.given[name] {
			all = append(all, "--"+name)
		}
	}
	for _, name := range []string{"train.epochs", "train.steps", "train.schedule"} {
		if f.sets.covers(name) {
			return append(all, "--set "+name) // several of them may be meant together
		}
	}
	return all
}

// readLength reads the steps of the model of --repeat.
func (f *trainFlags) readLength() error {
	if f.repeat == "" {
		return nil
	}
	m, err := anomem.Load(f.repeat, nil, anomem.ForScoring())
	if err != nil {
		return fmt.Errorf("--repeat: %w", err)
	}
	o, ok := describe.Training(m)
	if !ok || o.Epochs < 1 {
		return fmt.Errorf("--repeat: %s does not say how it was trained", f.repeat)
	}
	if err := f.sameBegin(m.Provenance().Encoder, o.Freeze); err != nil {
		return fmt.Errorf("--repeat: %s %w", f.repeat, err)
	}
	f.length = &o
	f.before = kindBefore(m.Provenance().Kind, m.Provenance().KindWhy)
	f.alignedBefore = alignedBefore(m.Template() != nil)
	return nil
}

// plan returns the settings of a new training and shows them.
func (f *trainFlags) plan(set *trainingImages, show *progress) (settings, error) {
	s, notes, err := f.settings(set.All)
	if err != nil {
		return s, err
	}
	var budget time.Duration
	if f.hasBudget() {
		budget = f.budget
	}
	region, err := roiLine(set.TrainingSet.All)
	if err != nil {
		return s, err
	}
	if region != "" {
		notes = append([]string{region}, notes...)
	}
	if f.preset == string(train.Paper) {
		notes = append(notes, paperLines(s, set)...)
	}
	notes = append(f.encoderLines(), notes...)
	show.note("kind:   " + f.kind.line())
	if line := set.line(); line != "" {
		show.note("align:  " + line)
	}
	for _, line := range append(planLines(*s.Config, *s.Train, set, budget), notes...) {
		show.note(line)
	}
	show.plan(planOf(*s.Config, *s.Train, f.kind, budget, set))
	return s, nil
}

// paperLines says where a training by the preset paper is to depart from the paper.
func paperLines(s settings, set *trainingImages) []string {
	c, o := *s.Config, *s.Train
	known := dataset.Anomalies(set.All)
	normals, _ := train.NormalUnits(c, o, set.All)
	if known >= train.FewDefects {
		normals += known
	}
	o.Batch = min(o.Batch, normals*o.Copies())
	if known > 0 || o.Shift != augment.None {
		c.Score.Kind = anomem.ScoreHeads
	}
	var lines []string
	for _, d := range describe.PlannedDepartures(c, o, known, set.Held.Len()) {
		lines = append(lines, "not as the paper: "+d)
	}
	return lines
}

// tilesText says how images are cut into tiles.
func tilesText(in anomem.Input) string {
	w, h := in.Shape()
	sides, strides := "", ""
	for level := range in.Levels + 1 {
		if level > 0 {
			sides, strides = sides+" and ", strides+" and "
		}
		sides, strides = sides+strconv.Itoa(in.Tile<<level), strides+strconv.Itoa(in.Stride<<level)
	}
	return fmt.Sprintf("in tiles of %s pixels every %s, as %d×%d", sides, strides, w, h)
}

// planLines describes a training that is to come, within a budget unless that is 0.
func planLines(c anomem.Config, o train.Options, set *trainingImages, budget time.Duration) []string {
	known := dataset.Anomalies(set.All)
	w, h := c.Input.Shape()
	how := fmt.Sprintf("whole, as %d×%d", w, h)
	if c.Input.Tile > 0 {
		how = tilesText(c.Input)
	}
	normals, rows := train.NormalUnits(c, o, set.All)
	steps := o.Steps
	if end, ok := o.Schedule.End(); ok {
		steps = end
	}
	length := plural(o.Epochs, "epoch", "epochs")
	switch {
	case o.Freeze:
		length = "the encoder stays as it is"
	case budget > 0:
		length = fmt.Sprintf("until %v are over", budget)
	case steps > 0:
		length = fmt.Sprintf("%s, %.2g epochs", plural(steps, "step", "steps"), float64(steps*rows)/float64(normals))
	}
	rows *= o.Copies()
	var patterns []string
	for _, s := range c.Scales {
		patterns = append(patterns, fmt.Sprint(s.Patterns))
	}
	lines := []string{fmt.Sprintf("images: %d normal, %s, %d more normal ones held out; seen %s", set.All.Len()-known, plural(known, "known anomaly", "known anomalies"), set.Held.Len(), how)}
	if c.Input.Range != (imageio.Range{}) {
		lines = append(lines, "range:  "+rangeText(c.Input.Range))
	}
	return append(lines,
		fmt.Sprintf("model:  ResNet-%d, %s stem, width %g; memories of %s patterns", c.Encoder.Depth, c.Encoder.Stem, c.Encoder.Width, strings.Join(patterns, " and ")),
		fmt.Sprintf("train:  %s; %d rows a step, self-labelled anomalies: %v, seed %d", length, rows, o.Shift, o.Seed),
	)
}
