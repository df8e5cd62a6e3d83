package main

import (
	"context"
	"strconv"
	"time"

	"anomem"
	"anomem/dataset"
	"anomem/describe"
	"anomem/imageio"
	"anomem/train"
	"anomem/train/augment"
)

// trainFlags are the options of train.
type trainFlags struct {
	out, preset, gammaClass, log, dump string
	repeat                             string
	score                              string // given to train.Run, which decides by it and by what it trains
	data                               dataset.Options
	kind                               kindFlag
	align                              string
	shift                              augment.Shift
	seed                               uint64
	budget                             time.Duration
	epochs, images, threads            int
	tile, stride, depth, batch         int
	size                               sides
	width, gamma, holdOut              float64
	falseAlarm, confidence             float64 // see promised
	ram, cache                         float64 // GiB
	resume, skipBroken, asJSON         bool
	noRefit                            bool

	encoder string // the file to start from; "": none
	freeze  bool
	begin   *train.Encoder // what the file holds; nil: none

	sets          assignments
	length        *train.Options // of the model of --repeat; nil: none
	before        *kindFlag      // of the model of --repeat or the checkpoint; nil: none
	alignedBefore string         // what --align would have said of it; "": there is none

	valueRange *imageio.Range // of 16-bit values, by --set; nil: that of the images

	given map[string]bool // on the command line
}

func (f *trainFlags) declare(e *env) {
	g := e.group("Model and time")
	option(g, &f.out, "o", "", "write the model to `FILE`")
	option(g, &f.preset, "preset", string(train.Small), "`PRESET` for the size of the model and the length of the training",
		oneOf(string(train.Quick), string(train.Small), string(train.Paper)))
	option(g, &f.budget, "budget", 12*time.Minute, "train as long as everything takes `TIME`, on this machine at this time", above(time.Duration(0)))
	option(g, &f.epochs, "epochs", 0, "train for `N` epochs, however long they take", above(0))
	option(g, &f.repeat, "repeat", "", "make the steps that `MODEL` was trained by; the same images and options then make the same file")
	g.seed(&f.seed)
	g.threads(&f.threads)
	option(g, &f.resume, "resume", false, "continue from MODEL.checkpoint")
	option(g, &f.noRefit, "no-refit", false, "do not write MODEL.refit, without which the model cannot be refitted")

	g = e.group("Images")
	g.labels(&f.data)
	option(g, &f.images, "images", 0, "train on the first `N` normal images", notNegative[int]()).byDefault("all")
	g.skipBroken(&f.skipBroken)

	g = e.group("Known anomalies")
	option(g, &f.data.Defects, "defects", "", "a `FOLDER` of known anomalies")
	option(g, &f.data.Masks, "masks", "", "a `FOLDER` of masks for --defects: NAME_mask.png or NAME.png belongs to NAME.png")
	option(g, &f.gamma, "gamma", 0, "use images of the anomalous classes, beside those of --defects, as known anomalies, up to this `SHARE` of the images trained on", share)
	option(g, &f.gammaClass, "gamma-class", "", "use those of this `CLASS` alone")

	g = e.group("What training sees of an image")
	option(g, &f.kind, "kind", kindFlag{auto: true}, "what the images show: `KIND` object, part or texture; auto: find it out")
	option(g, &f.align, "align", alignAuto, "turn and move images as the part lies that they show, and cut them around it: `WHEN` auto (if two of them then look alike), always or never",
		oneOf(alignAuto, alignAlways, alignNever))
	option(g, &f.shift, "shift", augment.None, "which changed copies of normal images count as anomalies: `SHIFT` rotate, cutpaste, blemish, mixed (rotate or blemish) or none").
		byDefault("rotate; blemish for parts and textures")
	option(g, &f.size, "size", sides{}, "side of the squares that the encoder sees, in `PIXELS`; or WIDTHxHEIGHT, which images are brought to whole").byDefault("by the images")
	option(g, &f.tile, "tile", 0, "cut images into tiles of `PIXELS`; 0: do not cut them", notNegative[int]()).byDefault("by the images: up to 64 pixels none")
	option(g, &f.stride, "stride", 0, "distance from tile to tile, in `PIXELS`", notNegative[int]()).byDefault("3/4 of a tile")
	g.roi(&f.data.ROI)
	option(g, &f.dump, "dump-augmented", "", "write pictures of what training sees to `FOLDER`, and do not train")

	g = e.group("Verdicts")
	option(g, &f.falseAlarm, "false-alarm", describe.UsualAlpha, "the `RATE` of normal images that may be called anomalous, in the mean over calibrations or with --confidence; 0: call none so", share)
	g.confidence(&f.confidence)
	option(g, &f.holdOut, "hold-out", 0.1, "the `SHARE` of the normal images that is held out; if not given, up to a half where --false-alarm needs more", share)
	option(g, &f.score, "score", "", "what the `SCORE` of an image is",
		oneOf("", string(anomem.ScoreSum), string(anomem.ScoreTurns), string(anomem.ScoreDensity), string(anomem.ScorePlaces), string(anomem.ScoreHeads), string(anomem.ScoreCosine), string(anomem.ScoreL2))).
		byDefault("sum where there are places or a texture, or quarter turns are told apart, heads where else they are trained, else cosine")

	g = e.group("A trained encoder")
	option(g, &f.encoder, "encoder", "", "start from the encoder in `FILE`: a ResNet-18, -34, -50 or -101 as torchvision and timm name it, in safetensors, or a model")
	option(g, &f.freeze, "freeze", false, "keep that encoder as it is: only what stands on it is made")

	g = e.group("Network and steps")
	option(g, &f.depth, "depth", 0, "depth of the ResNet: `N` 18, 34, 50 or 101", notNegative[int]()).byDefault("by the preset")
	option(g, &f.width, "width", 0, "`FACTOR` on the channels of the ResNet", fromBelow(0.0, 1024)).byDefault("by the preset")
	option(g, &f.batch, "batch", 0, "`ROWS` of a step, changed copies included", notNegative[int]()).byDefault("by the preset")
	option(g, &f.sets, "set", assignments{}, "set any field of the configuration or the training: `NAME=VALUE` as inspect --config prints it, such as memory.beta=4 or train.loss.lambdav=0.1; may be repeated")
	option(g, &f.ram, "ram", 1, "`GIB` that a step may keep in memory; beyond that, rows are encoded twice", notNegative[float64]()).was("memory")
	option(g, &f.cache, "cache", 2, "`GIB` of decoded images to keep, beyond 256 MiB in a temporary file; others are decoded each time", notNegative[float64]())

	g = e.group("Reports")
	option(g, &f.log, "log", "", "write a line of CSV for each step to `FILE`")
	g.json(&f.asJSON, "events as JSON lines")
}

// check returns an error if options contradict each other.
func (f *trainFlags) check() error {
	switch {
	case f.dump != "" && f.resume:
		return usagef("--dump-augmented does not train: leave --resume away")
	case f.out == "" && f.dump == "":
		return usagef("say where the model goes: -o FILE")
	case len(f.lengths()) > 1:
		return usagef("%s and %s both say how long: give one", f.lengths()[0], f.lengths()[1])
	case f.data.Masks != "" && f.data.Defects == "":
		return usagef("--masks are those of --defects, which is not given")
	case f.gammaClass != "" && f.gamma == 0:
		return usagef("--gamma-class needs --gamma: the share of known anomalies")
	}
	if err := f.checkEncoder(); err != nil {
		return err
	}
	return f.takeSets()
}

// takeSets takes from --set what is needed beside the settings.
func (f *trainFlags) takeSets() error {
	if seed, ok := f.sets.value("train.seed"); ok {
		if f.given["seed"] {
			return usagef("--seed and --set train.seed are the same: give one")
		}
		f.seed, _ = strconv.ParseUint(seed, 10, 64) // it could be set
		f.given["seed"] = true                      // the images that are held out follow from it
	}
	if kind, ok := f.sets.value("score.kind"); ok {
		f.score = kind
	}
	if shift, ok := f.sets.value("train.shift"); ok { // other options follow from it
		if f.given["shift"] {
			return usagef("--shift and --set train.shift are the same: give one")
		}
		f.shift, _ = augment.ParseShift(shift) // it could be set
		f.given["shift"] = true
	}
	if err := f.checkRotations(); err != nil {
		return err
	}
	if text, ok := f.sets.value("input.range"); ok { // the images are decoded by it
		f.valueRange = new(imageio.Range)
		return f.valueRange.UnmarshalText([]byte(text))
	}
	return nil
}

// checkRotations returns an error if values of --set contradict each other about rotated
// copies.
func (f *trainFlags) checkRotations() error {
	compared, _ := f.sets.value("score.turns")
	turns, given := f.sets.value("train.turns")
	if no := compared == "false"; no && given && turns == "true" {
		return usagef("--set score.turns=false and --set train.turns=true contradict each other: both say whether images are compared with their rotated copies")
	}
	if weight, ok := f.sets.value("head.turned"); ok {
		if v, _ := strconv.ParseFloat(weight, 64); v == 0 {
			return usagef("--set head.turned=0: heads for rotated copies are left out by --set train.turns=false")
		}
	}
	return nil
}

// read opens and decodes what training sees.
func (f *trainFlags) read(ctx context.Context, path string, show *progress) (*dataset.TrainingSet, error) {
	d, err := dataset.Open(path, f.data)
	if err != nil {
		return nil, err
	}
	show.note("read:   " + d.Summary())
	for _, w := range d.Warnings() {
		show.note("warning: " + w)
	}
	memory, file := splitCache(bytesOf(f.cache))
	set, err := d.TrainingSet(ctx, dataset.TrainingOptions{
		Read: dataset.ReadOptions{SkipBroken: f.skipBroken, Note: show.note, Progress: show.decoding, Keep: memory, Spill: file, Threads: f.threads},
		Seed: f.seed, Most: f.images, Gamma: f.gamma, GammaClass: f.gammaClass,
		HoldOut: f.holdOut, Fixed: f.given["hold-out"], Promise: anomem.Promise{Alpha: f.falseAlarm, Confidence: f.confidence}, Range: f.valueRange,
	})
	if err != nil {
		return nil, orSkip(err)
	}
	for _, w := range set.Warnings() {
		show.note("warning: " + w)
	}
	return set, nil
}

// bytesOf returns a number of GiB in bytes.
func bytesOf(gib float64) int64 { return int64(min(gib*(1<<30), 1<<50)) }
