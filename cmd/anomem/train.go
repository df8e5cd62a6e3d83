package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"anomem"
	"anomem/dataset"
	"anomem/simd/pool"
	"anomem/train"
	"anomem/train/augment"
)

func trainCommand() *command {
	return &command{
		name:    "train",
		summary: "learn what normal images look like",
		args:    "DATA -o MODEL [flags]",
		text: `
Train learns from the images at DATA and writes a model. DATA is a folder of normal
images; a folder of folders, one a class, of which --normal names the normal ones;
the layout of MVTec AD; CIFAR-10 or -100 as binary files; IDX files; or a CSV file
with the columns path, label, split, group and mask. Known anomalies, if there are
any, come from --defects, or from the anomalous classes with --gamma.

Without further flags it looks at the images, prints its plan, and takes about
twelve minutes. Some of the normal images are held out: they calibrate the model,
so that the share of normal images that it calls anomalous keeps to --false-alarm.

Every two minutes, and at Ctrl-C, it writes a checkpoint, MODEL.checkpoint. The same
command with --resume goes on from there to the same model, bit for bit.`,
		examples: `anomem train photos -o model.safetensors
anomem train photos -o model.safetensors --defects scratched --masks scratched-masks
anomem train cifar10 --normal automobile -o car.safetensors --budget 10m --seed 1
anomem train photos -o model.safetensors --resume
anomem train photos --dump-augmented look`,
		groups: []flagGroup{
			{"Model and time", []string{"o", "preset", "budget", "epochs", "seed", "threads", "resume"}},
			{"Images", []string{"normal", "layout", "fine", "images", "skip-broken"}},
			{"Known anomalies", []string{"defects", "masks", "gamma", "gamma-class"}},
			{"What is seen of an image", []string{"size", "tile", "stride", "kind", "shift", "dump-augmented"}},
			{"Verdicts", []string{"false-alarm", "hold-out", "score"}},
			{"Network and steps", []string{"depth", "width", "batch", "memory", "cache"}},
			{"What is told", []string{"log", "json"}},
		},
		run: runTrain,
	}
}

// trainFlags are the flags of train.
type trainFlags struct {
	out, normal, layout, defects, masks, preset, kind, shift, score, log, dump, gammaClass string
	seed                                                                                   uint64
	budget                                                                                 time.Duration
	epochs, batch, size, tile, stride, depth, images                                       int
	width, gamma, falseAlarm, holdOut, memory, cache                                       float64
	resume, skipBroken, asJSON, fine                                                       bool

	threads *int
	given   map[string]bool // on the command line
}

func (f *trainFlags) define(e *env) {
	fs := e.flags
	fs.StringVar(&f.out, "o", "", "write the model to `FILE`")
	fs.StringVar(&f.normal, "normal", "", "the normal `CLASS`, or several with commas")
	fs.StringVar(&f.layout, "layout", "", "read DATA as `LAYOUT` manifest, cifar10, cifar100, idx, mvtec, classes or flat (default what it looks like)")
	fs.BoolVar(&f.fine, "fine", false, "CIFAR-100: its 100 classes, not the 20 super-classes")
	fs.StringVar(&f.defects, "defects", "", "a `FOLDER` of known anomalies")
	fs.StringVar(&f.masks, "masks", "", "a `FOLDER` of masks for --defects, NAME_mask.png or NAME.png for NAME.png")
	fs.Float64Var(&f.gamma, "gamma", 0, "draw known anomalies from the anomalous classes, as many as make up this `SHARE` of all images")
	fs.StringVar(&f.gammaClass, "gamma-class", "", "draw them from this `CLASS` alone")
	fs.Uint64Var(&f.seed, "seed", 1, "`NUMBER` that all random numbers follow from")
	fs.DurationVar(&f.budget, "budget", 12*time.Minute, "plan the epochs so that all takes about `TIME`")
	fs.IntVar(&f.epochs, "epochs", 0, "train for `N` epochs, whatever that takes")
	fs.StringVar(&f.preset, "preset", "small", "size of model and training: `PRESET` quick, small or paper")
	fs.StringVar(&f.kind, "kind", "object", "what the images show, and so what may be done to them: `KIND` object, part or texture")
	fs.StringVar(&f.shift, "shift", "", "which copies count as anomalies: `SHIFT` rotate, cutpaste, blemish, mixed (rotate or blemish) or none (default rotate; blemish for parts and textures)")
	fs.StringVar(&f.score, "score", "", "an image's score: `SCORE` heads, cosine or l2 (default heads where they are trained, else cosine)")
	fs.IntVar(&f.size, "size", 0, "side of what the encoder sees, in `PIXELS` (default by the images)")
	fs.IntVar(&f.tile, "tile", 0, "cut images into tiles of `PIXELS`; 0: take them whole (default by the images: whole up to 64 pixels)")
	fs.IntVar(&f.stride, "stride", 0, "from tile to tile, in `PIXELS` (default 3/4 of a tile)")
	fs.IntVar(&f.depth, "depth", 0, "of the ResNet: `N` 18, 34, 50 or 101 (default by the preset)")
	fs.Float64Var(&f.width, "width", 0, "`FACTOR` on the channels of the ResNet (default by the preset)")
	fs.IntVar(&f.batch, "batch", 0, "`ROWS` of a step, copies included (default by the preset)")
	fs.Float64Var(&f.falseAlarm, "false-alarm", 0.05, "`RATE` of normal images that may be called anomalous; 0: no image is called so")
	fs.Float64Var(&f.holdOut, "hold-out", 0.1, "`SHARE` of the normal images that calibrates; if not given, more where --false-alarm takes more, up to a half")
	fs.BoolVar(&f.resume, "resume", false, "go on from MODEL.checkpoint")
	fs.BoolVar(&f.skipBroken, "skip-broken", false, "leave out images that cannot be decoded")
	fs.StringVar(&f.log, "log", "", "write a line of CSV a step to `FILE`")
	fs.StringVar(&f.dump, "dump-augmented", "", "write pictures of what training sees to `FOLDER`, and do not train")
	fs.IntVar(&f.images, "images", 0, "train on the first `N` normal images (default all)")
	f.threads = e.threadsFlag()
	fs.Float64Var(&f.memory, "memory", 1, "`GIB` that the records of a step may take before rows are encoded twice")
	fs.Float64Var(&f.cache, "cache", 2, "`GIB` of decoded images to keep; others are decoded each time")
	fs.BoolVar(&f.asJSON, "json", false, "print events as JSON lines")
}

// check returns what is wrong with the flags by themselves.
func (f *trainFlags) check() error {
	switch {
	case f.dump != "" && f.resume:
		return usagef("--dump-augmented does not train: leave --resume away")
	case f.out == "" && f.dump == "":
		return usagef("say where the model goes: -o FILE")
	case f.given["epochs"] && f.given["budget"]:
		return usagef("--epochs and --budget both say how long: give one")
	case f.given["epochs"] && f.epochs < 1:
		return usagef("--epochs: %d is not above 0", f.epochs)
	case f.budget <= 0:
		return usagef("--budget: %v is not above 0", f.budget)
	case f.masks != "" && f.defects == "":
		return usagef("--masks are those of --defects, which is not given")
	case f.gammaClass != "" && f.gamma == 0:
		return usagef("--gamma-class needs --gamma: the share of known anomalies")
	}
	for _, n := range []struct {
		name  string
		value float64
		below float64
	}{
		{"gamma", f.gamma, 1}, {"false-alarm", f.falseAlarm, 1}, {"hold-out", f.holdOut, 1},
		{"memory", f.memory, 1 << 20}, {"cache", f.cache, 1 << 20}, {"width", f.width, 1 << 10},
		{"batch", float64(f.batch), 1 << 31}, {"size", float64(f.size), 1 << 31}, {"tile", float64(f.tile), 1 << 31},
		{"stride", float64(f.stride), 1 << 31}, {"depth", float64(f.depth), 1 << 31}, {"images", float64(f.images), 1 << 31},
	} {
		if !(n.value >= 0 && n.value < n.below) {
			return usagef("--%s: %g is not from 0 to below %g", n.name, n.value, n.below)
		}
	}
	if _, err := train.ParsePreset(f.preset); err != nil {
		return usagef("--preset: %v", err)
	}
	if _, err := augment.ParseKind(f.kind); err != nil {
		return usagef("--kind: %v", err)
	}
	if _, err := augment.ParseShift(f.shift); f.shift != "" && err != nil {
		return usagef("--shift: %v", err)
	}
	switch anomem.ScoreKind(f.score) {
	case "", anomem.ScoreHeads, anomem.ScoreCosine, anomem.ScoreL2:
		return nil
	}
	return usagef("--score: %q is none of heads, cosine, l2", f.score)
}

func runTrain(e *env, args []string) error {
	var f trainFlags
	f.define(e)
	paths, done, err := e.parsePaths(args, 1, 1)
	if done {
		return err
	}
	f.given = e.given()
	if err := f.check(); err != nil {
		return err
	}
	if f.out != "" {
		if err := writable(f.out); err != nil {
			return err
		}
	}
	ctx, stop := untilInterrupt()
	defer stop()
	show, err := newProgress(e, f.asJSON, f.log)
	if err != nil {
		return err
	}
	if f.dump != "" {
		err = f.look(ctx, paths[0], show)
	} else {
		err = f.train(ctx, paths[0], show)
	}
	if closed := show.close(); err == nil {
		err = closed
	}
	return err
}

// look writes pictures of what training sees.
func (f *trainFlags) look(ctx context.Context, path string, show *progress) error {
	set, err := f.data(ctx, path, show)
	if err != nil {
		return err
	}
	c, o, err := f.settings(set.All)
	if err != nil {
		return err
	}
	n, err := dumpAugmented(f.dump, c, o, set.All)
	if err == nil {
		show.note(fmt.Sprintf("wrote %s of augmented images to %s", plural(n, "sheet", "sheets"), f.dump))
	}
	return err
}

// train does what the flags say.
func (f *trainFlags) train(ctx context.Context, path string, show *progress) error {
	start := time.Now()
	checkpoint := f.out + ".checkpoint"
	var state *train.State
	switch s, err := train.ReadState(checkpoint); {
	case f.resume && errors.Is(err, os.ErrNotExist):
		return fmt.Errorf("--resume: there is no %s: train without --resume", checkpoint)
	case f.resume && err != nil:
		return fmt.Errorf("--resume: %w", err)
	case f.resume:
		state = &s
		if f.given["seed"] && f.seed != s.Options.Seed {
			return fmt.Errorf("--resume: %s was written with --seed %d, not %d", checkpoint, s.Options.Seed, f.seed)
		}
		f.seed = s.Options.Seed // the images that are held out follow from it
	case err == nil:
		show.note(fmt.Sprintf("%s is of an earlier training and will be overwritten; --resume would go on from it", checkpoint))
	}
	set, err := f.data(ctx, path, show)
	if err != nil {
		return err
	}
	// Which rates can be promised is known before the training, and worth knowing then.
	if n := set.Held.Len(); f.falseAlarm > 0 && anomem.CheckAlpha(f.falseAlarm, n) != nil {
		return fmt.Errorf("--false-alarm %g takes %.0f held-out normal images, and there are %d: give more images, a larger --hold-out, or --false-alarm %s",
			f.falseAlarm, anomem.HeldFor(f.falseAlarm), n, promised(n))
	}
	p := pool.New(*f.threads)
	defer p.Close()
	r := &train.Run{
		Data: set.All, Held: set.Held, Alpha: f.falseAlarm, Score: anomem.ScoreKind(f.score), Version: buildVersion(),
		Checkpoint: checkpoint, Every: 2 * time.Minute, OnStep: show.step, OnNote: show.note,
	}
	if r.Digest, err = set.Digest(ctx, *f.threads); err != nil {
		return err
	}
	var m *anomem.Model
	if state != nil {
		if err := f.sameAs(state, r.Digest, set.All); err != nil {
			return fmt.Errorf("--resume: %s %w", checkpoint, err)
		}
		r.Options.Memory = f.bytes(f.memory)
		if err := show.begin(len(state.Config.Scales), state.Step); err != nil {
			return err
		}
		show.note(fmt.Sprintf("resuming after step %d; --epochs %d were planned", state.Step, state.Options.Epochs))
		m, err = r.Resume(ctx, p)
	} else {
		if r.Config, r.Options, err = f.plan(ctx, set, show, p, start); err != nil {
			return err
		}
		if err := show.begin(len(r.Config.Scales), 0); err != nil {
			return err
		}
		m, err = r.Train(ctx, p)
	}
	switch {
	case errors.Is(err, context.Canceled):
		return fmt.Errorf("interrupted %s; the same command with --resume goes on from %s", show.at(), checkpoint)
	case err != nil:
		return err
	}
	if err := m.Save(f.out); err != nil {
		return fmt.Errorf("%w; the same command with --resume makes it again from %s", err, checkpoint)
	}
	os.Remove(checkpoint) // the model is safe
	show.finished(f.out, m, time.Since(start))
	return nil
}

func (f *trainFlags) bytes(gib float64) int64 { return int64(gib * (1 << 30)) }

// settings are those of the preset for such images, and what flags say otherwise.
func (f *trainFlags) settings(all dataset.Source) (c anomem.Config, o train.Options, err error) {
	preset, err := train.ParsePreset(f.preset)
	if err != nil {
		return c, o, err
	}
	kind, err := augment.ParseKind(f.kind)
	if err != nil {
		return c, o, err
	}
	longest, shortest := dataset.Sides(all)
	c, o = train.Settings(preset, kind, longest, shortest)
	o.Seed, o.Memory = f.seed, f.bytes(f.memory)
	if f.shift != "" {
		if o.Shift, err = augment.ParseShift(f.shift); err != nil {
			return c, o, err
		}
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

// sameAs returns an error that ends "CHECKPOINT ..." unless the images are those that the
// checkpoint was written for, and the flags that say how to train, if any are given, too.
func (f *trainFlags) sameAs(s *train.State, digest string, all dataset.Source) error {
	if s.Data != digest {
		if dataset.SameImages(s.Data, digest) {
			return errors.New("was written for the same images in other parts: repeat --normal, --gamma, --hold-out and --false-alarm as they were")
		}
		return errors.New("was written for other images: repeat DATA, --normal, --defects, --gamma and --images as they were")
	}
	for _, name := range []string{"preset", "kind", "shift", "size", "tile", "stride", "depth", "width", "batch", "epochs"} {
		if !f.given[name] {
			continue
		}
		c, o, err := f.settings(all)
		if err != nil {
			return err
		}
		if f.epochs == 0 { // a budget planned them
			o.Epochs, o.Steps = s.Options.Epochs, s.Options.Steps
		}
		if o.Shift != augment.None && s.Options.Shift == augment.Blemish {
			o.Shift = augment.Blemish // so the probe decided
		}
		if fmt.Sprint(c, o.Epochs, o.Batch, o.Shift, o.Augment) != fmt.Sprint(s.Config, s.Options.Epochs, s.Options.Batch, s.Options.Shift, s.Options.Augment) {
			return fmt.Errorf("was written with other flags than --%s and the like: repeat all that say how to train, or none", name)
		}
		return nil
	}
	return nil
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

// promised returns the smallest false-alarm rate that n held-out images can promise, as
// --false-alarm takes it; 0, which promises nothing, if there are none.
func promised(n int) string {
	if n == 0 {
		return "0"
	}
	return anomem.RoundedUp(anomem.SmallestAlpha(n))
}

// data opens and decodes what training sees.
func (f *trainFlags) data(ctx context.Context, path string, show *progress) (*dataset.TrainingSet, error) {
	o := dataset.Options{Layout: f.layout, Fine: f.fine, Defects: f.defects, Masks: f.masks}
	if f.normal != "" {
		o.Normal = strings.Split(f.normal, ",")
	}
	d, err := dataset.Open(path, o)
	if err != nil {
		return nil, err
	}
	if passed := d.Passed.String(); passed != "" {
		show.note("passed over: " + passed)
	}
	return d.TrainingSet(ctx, dataset.TrainingOptions{
		Read: dataset.ReadOptions{SkipBroken: f.skipBroken, Note: show.note, Keep: f.bytes(f.cache), Threads: *f.threads},
		Seed: f.seed, Most: f.images, Gamma: f.gamma, GammaClass: f.gammaClass,
		HoldOut: f.holdOut, Fixed: f.given["hold-out"], Alpha: f.falseAlarm,
	})
}

// summary is what a model says of an image, in a line.
func summary(m *anomem.Model) string {
	s := fmt.Sprintf("score %s", m.Config().Score.Kind)
	if t, alpha := m.Threshold(); alpha > 0 {
		return s + fmt.Sprintf(", anomalous above %.4g (false alarms %g, by %d held-out images)", t, alpha, len(m.Calibration().Scores))
	}
	return s + ", no threshold"
}

// buildVersion is the version of the program as the build recorded it.
func buildVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}
