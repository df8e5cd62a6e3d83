package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"anomem"
	"anomem/simd/pool"
	"anomem/train"
	"anomem/train/augment"
	"anomem/train/dataset"
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

Ctrl-C writes a checkpoint, MODEL.checkpoint, from which --resume goes on to the
same model, bit for bit.`,
		examples: `anomem train photos -o model.safetensors
anomem train photos -o model.safetensors --defects scratched --masks scratched-masks
anomem train cifar10 --normal automobile -o car.safetensors --budget 10m --seed 1
anomem train photos -o model.safetensors --resume
anomem train photos -o model.safetensors --dump-augmented look`,
		run: runTrain,
	}
}

// trainFlags are the flags of train.
type trainFlags struct {
	out, normal, layout, defects, masks, preset, kind, shift, score, log, dump, gammaClass string
	seed                                                                                   uint64
	budget                                                                                 time.Duration
	epochs, batch, size, tile, stride, depth, threads, images                              int
	width, gamma, falseAlarm, holdOut                                                      float64
	resume, skipBroken, asJSON, fine                                                       bool
	memory                                                                                 float64
}

func (f *trainFlags) define(fs *flag.FlagSet) {
	fs.StringVar(&f.out, "o", "", "write the model to `FILE`")
	fs.StringVar(&f.normal, "normal", "", "the normal `CLASS`, or several with commas")
	fs.StringVar(&f.layout, "layout", "", "read DATA as `LAYOUT`: manifest, cifar10, cifar100, idx, mvtec, classes or flat")
	fs.BoolVar(&f.fine, "fine", false, "CIFAR-100: its 100 classes, not the 20 super-classes")
	fs.StringVar(&f.defects, "defects", "", "a `FOLDER` of known anomalies")
	fs.StringVar(&f.masks, "masks", "", "a `FOLDER` of masks for --defects")
	fs.Float64Var(&f.gamma, "gamma", 0, "draw known anomalies from the anomalous classes until they are a share of `SHARE`")
	fs.StringVar(&f.gammaClass, "gamma-class", "", "draw them from this `CLASS` alone")
	fs.Uint64Var(&f.seed, "seed", 1, "of all random numbers")
	fs.DurationVar(&f.budget, "budget", 12*time.Minute, "plan to take about `TIME` in all")
	fs.IntVar(&f.epochs, "epochs", 0, "train for `N` epochs, whatever that takes")
	fs.StringVar(&f.preset, "preset", "small", "`PRESET` of model and training: quick, small or paper")
	fs.StringVar(&f.kind, "kind", "object", "what the images show, and so what is done to them: `KIND` object, part or texture")
	fs.StringVar(&f.shift, "shift", "", "self-labelled anomalies: `SHIFT` rotate, cutpaste, mixed or none")
	fs.StringVar(&f.score, "score", "", "`SCORE`: heads, cosine or l2 (default heads where they are trained)")
	fs.IntVar(&f.size, "size", 0, "side of what the encoder sees, in `PIXELS`")
	fs.IntVar(&f.tile, "tile", -1, "cut images into tiles of `PIXELS`; 0: take them whole")
	fs.IntVar(&f.stride, "stride", 0, "from tile to tile, in `PIXELS`")
	fs.IntVar(&f.depth, "depth", 0, "of the ResNet: `N` 18, 34, 50 or 101")
	fs.Float64Var(&f.width, "width", 0, "`FACTOR` on the channels of the ResNet")
	fs.IntVar(&f.batch, "batch", 0, "`ROWS` of a step")
	fs.Float64Var(&f.falseAlarm, "false-alarm", 0.05, "the share of normal images that may be called anomalous: `RATE`; 0: none is called so")
	fs.Float64Var(&f.holdOut, "hold-out", 0.1, "the `SHARE` of normal images that calibrate, at least 20 of them")
	fs.BoolVar(&f.resume, "resume", false, "go on from MODEL.checkpoint")
	fs.BoolVar(&f.skipBroken, "skip-broken", false, "leave images out that cannot be decoded")
	fs.StringVar(&f.log, "log", "", "write a line of CSV a step to `FILE`")
	fs.StringVar(&f.dump, "dump-augmented", "", "write pictures of what training sees to `FOLDER`, and do not train")
	fs.IntVar(&f.images, "images", 0, "train on `N` normal images at most")
	fs.IntVar(&f.threads, "threads", runtime.GOMAXPROCS(0), "run on `N` threads")
	fs.Float64Var(&f.memory, "memory", 1, "`GIB` that the records of a step may take before rows are encoded twice")
	fs.BoolVar(&f.asJSON, "json", false, "print events as JSON lines")
}

func runTrain(e *env, args []string) error {
	var f trainFlags
	f.define(e.flags)
	paths, done, err := e.parsePaths(args, 1, 1)
	if done {
		return err
	}
	if f.out == "" && f.dump == "" {
		return usagef("say where the model goes: -o FILE")
	}
	if f.gamma < 0 || f.gamma >= 1 || f.falseAlarm < 0 || f.falseAlarm >= 1 || f.holdOut < 0 || f.holdOut >= 1 {
		return usagef("--gamma, --false-alarm and --hold-out are shares from 0 to below 1")
	}
	if f.threads < 1 || f.threads > 1024 {
		return usagef("--threads: %d is not between 1 and 1024", f.threads)
	}
	ctx, stop := untilInterrupt()
	defer stop()
	show, err := newProgress(e, f.asJSON, f.log)
	if err != nil {
		return err
	}
	err = f.train(ctx, e, paths[0], show)
	if closed := show.close(); err == nil {
		err = closed
	}
	return err
}

// train does what the flags say.
func (f *trainFlags) train(ctx context.Context, e *env, path string, show *progress) error {
	start := time.Now()
	d, all, held, err := f.data(ctx, path, show)
	if err != nil {
		return err
	}
	p := pool.New(f.threads)
	defer p.Close()
	r := &train.Run{
		Data: all, Held: held, Alpha: f.falseAlarm, Score: anomem.ScoreKind(f.score), Version: buildVersion(),
		Checkpoint: f.out + ".checkpoint", Every: 2 * time.Minute, OnStep: show.step, OnNote: show.note,
	}
	if r.Digest, err = d.Digest(ctx, f.threads); err != nil {
		return err
	}
	// Which rates can be promised is known before the training, and worth knowing then.
	if n := held.Len(); f.falseAlarm > 0 && float64(n+1)*f.falseAlarm < 1-1e-9 {
		return fmt.Errorf("--false-alarm %g: %d held-out normal images can promise %.3g at best: hold out more, or ask for that", f.falseAlarm, n, 1/float64(n+1))
	}
	var m *anomem.Model
	if f.resume {
		r.Options.Memory = f.memoryBytes()
		if state, err := train.ReadState(r.Checkpoint); err != nil {
			return err
		} else {
			show.rows = state.Options.Batch
			show.note(fmt.Sprintf("resuming after step %d", state.Step))
		}
		m, err = r.Resume(ctx, p)
	} else {
		if err := f.plan(ctx, r, all, held, show, p, start); err != nil {
			return err
		}
		if f.dump != "" {
			return dumpAugmented(f.dump, r.Config, r.Options, all)
		}
		m, err = r.Train(ctx, p)
	}
	if err != nil {
		if errors.Is(err, context.Canceled) {
			return fmt.Errorf("%w; anomem train ... --resume goes on from %s", err, r.Checkpoint)
		}
		return err
	}
	if err := m.Save(f.out); err != nil {
		return err
	}
	os.Remove(r.Checkpoint) // the model is safe
	if show.events != nil {
		return show.events.Encode(event{Event: "done", Model: f.out})
	}
	show.note(fmt.Sprintf("wrote %s: %s, in %v", f.out, summary(m), time.Since(start).Round(time.Second)))
	return nil
}

func (f *trainFlags) memoryBytes() int64 { return int64(f.memory * (1 << 30)) }

// data opens and decodes what training sees.
func (f *trainFlags) data(ctx context.Context, path string, show *progress) (d *dataset.Dataset, all, held *images, err error) {
	o := dataset.Options{Layout: f.layout, Fine: f.fine, Defects: f.defects, Masks: f.masks}
	if f.normal != "" {
		o.Normal = strings.Split(f.normal, ",")
	}
	if d, err = openDataset(path, o); err != nil {
		return nil, nil, nil, err
	}
	if f.gamma > 0 {
		n := 0
		for _, i := range d.Train() {
			if d.Items[i].Normal {
				n++
			}
		}
		drawn, err := d.DrawKnown(dataset.KnownAt(f.gamma, n), f.gammaClass, f.seed)
		if err != nil {
			return nil, nil, nil, err
		}
		d.Label(drawn)
	}
	items := d.Train()
	if f.images > 0 {
		items = firstNormals(d, items, f.images)
	}
	normals := 0
	for _, i := range items {
		if d.Items[i].Normal {
			normals++
		}
	}
	share := f.holdOut
	if share > 0 && float64(normals)*share < 20 {
		share = min(0.3, 20/float64(max(normals, 1)))
	}
	_, out, err := d.HoldOut(items, share, f.seed)
	if err != nil {
		return nil, nil, nil, err
	}
	isHeld := map[int]bool{}
	for _, i := range out {
		isHeld[i] = true
	}
	im, err := load(ctx, d, items, f.skipBroken, show.note)
	if err != nil {
		return nil, nil, nil, err
	}
	all, held = im.part(func(i int) bool { return !isHeld[i] }), im.part(func(i int) bool { return isHeld[i] })
	for k := range all.Len() {
		if _, err := all.Mask(k); err != nil {
			return nil, nil, nil, err
		}
	}
	return d, all, held, nil
}

// firstNormals leaves the first n normal items and all anomalies.
func firstNormals(d *dataset.Dataset, items []int, n int) []int {
	var kept []int
	for _, i := range items {
		if d.Items[i].Normal {
			if n == 0 {
				continue
			}
			n--
		}
		kept = append(kept, i)
	}
	return kept
}

// plan fills r's configuration and options, and prints them.
func (f *trainFlags) plan(ctx context.Context, r *train.Run, all, held *images, show *progress, p *pool.Pool, start time.Time) error {
	preset, err := train.ParsePreset(f.preset)
	if err != nil {
		return usagef("--preset: %v", err)
	}
	kind, err := augment.ParseKind(f.kind)
	if err != nil {
		return usagef("--kind: %v", err)
	}
	longest, shortest := all.sides()
	c, o := train.Settings(preset, kind, longest, shortest)
	o.Seed, o.Memory = f.seed, f.memoryBytes()
	if f.shift != "" {
		if o.Shift, err = augment.ParseShift(f.shift); err != nil {
			return usagef("--shift: %v", err)
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
	if f.width > 0 {
		c.Encoder.Width = f.width
	}
	if f.tile >= 0 {
		c.Input.Tile, c.Input.Stride, c.Score.Top = f.tile, max(1, f.tile*3/4), 1
		if f.tile == 0 {
			c.Input.Stride = 0
		}
	}
	set(&c.Input.Stride, f.stride)
	if err := c.Validate(); err != nil {
		return usagef("%v", err)
	}
	if f.score != "" {
		s := c
		if s.Score.Kind = anomem.ScoreKind(f.score); s.Validate() != nil {
			return usagef("--score: %q is none of heads, cosine, l2", f.score)
		}
	}
	if f.epochs > 0 {
		o.Epochs = f.epochs
	} else if f.dump == "" && preset != train.Paper {
		var step time.Duration
		if o, step, err = train.Fit(ctx, f.budget-time.Since(start), c, o, all, p); err != nil {
			return err
		}
		show.note(fmt.Sprintf("a step takes %v: --epochs %d fit into %v", step.Round(time.Millisecond), o.Epochs, f.budget))
	}
	if err := o.Validate(); err != nil {
		return usagef("%v", err)
	}
	r.Config, r.Options = c, o
	show.rows = o.Batch
	for _, line := range planLines(c, o, all, held) {
		show.note(line)
	}
	return nil
}

// planLines says what a training is going to do.
func planLines(c anomem.Config, o train.Options, all, held *images) []string {
	known := 0
	for k := range all.Len() {
		if !all.Normal(k) {
			known++
		}
	}
	how := fmt.Sprintf("whole, %d×%d", c.Input.Size, c.Input.Size)
	if c.Input.Tile > 0 {
		how = fmt.Sprintf("in tiles of %d every %d pixels, %d×%d each", c.Input.Tile, c.Input.Stride, c.Input.Size, c.Input.Size)
	}
	length := fmt.Sprintf("%d epochs", o.Epochs)
	if o.Steps > 0 {
		length = fmt.Sprintf("%d steps, a part of an epoch", o.Steps)
	}
	return []string{
		fmt.Sprintf("images: %d normal, %d known anomalies, %d more normal ones held out; seen %s", all.Len()-known, known, held.Len(), how),
		fmt.Sprintf("model:  ResNet-%d, %s stem, width %g; memories of %d and %d patterns", c.Encoder.Depth, c.Encoder.Stem, c.Encoder.Width, c.Scales[0].Patterns, c.Scales[len(c.Scales)-1].Patterns),
		fmt.Sprintf("train:  %s, %d rows a step, self-labelled anomalies: %v, seed %d", length, o.Batch, o.Shift, o.Seed),
	}
}

// summary is a model in a line.
func summary(m *anomem.Model) string {
	c := m.Config()
	s := fmt.Sprintf("score %s", c.Score.Kind)
	if t, alpha := m.Threshold(); alpha > 0 {
		s += fmt.Sprintf(", anomalous above %.4g (false alarms %g, by %d held-out images)", t, alpha, len(m.Calibration().Scores))
	} else {
		s += ", no threshold"
	}
	return s
}

// buildVersion is the version of the program as the build recorded it.
func buildVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}
