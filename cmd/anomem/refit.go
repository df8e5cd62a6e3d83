package main

import (
	"context"
	"errors"
	"fmt"

	"anomem"
	"anomem/dataset"
	"anomem/describe"
	"anomem/simd/pool"
	"anomem/train"
)

func refitCommand() *command {
	return &command{
		name:    "refit",
		summary: "teach a model new known anomalies, without training it anew",
		args:    "-m MODEL --defects PATH [flags]",
		text: `
Refit trains the heads of a model again and calibrates it. The images in --defects are new
known anomalies, with masks beside them or in --masks, where there are any. What is needed
of the training before stands in MODEL.refit, which train wrote beside the model; the new
model gets such a file, too. Encoder and memories stay as they are. If anomalies are few,
each is also scored by heads that have not seen it, and the result is printed.

New heads are calibrated by the held-out images of which MODEL.refit keeps all that heads
see: 64 MiB of them, which are some 45 images of 1024² pixels. Where that is too few for
the false-alarm rate, give normal images that the model was not trained on: --normals. The
rate holds in the mean over calibrations; with --confidence 0.95 the model itself keeps it
with this probability.`,
		examples: `anomem refit -m model.safetensors --defects scratched
anomem refit -m model.safetensors --defects scratched -o with-scratches.safetensors --masks masks
anomem refit -m model.safetensors --defects scratched --normals new-normals --false-alarm 0.01
anomem refit -m model.safetensors --defects list.csv --columns path=image,label=status`,
		run: runRefit,
	}
}

func runRefit(e *env, args []string) error {
	var f remakeFlags
	var defects, normals string
	var seed uint64
	var promise promiseFlags
	g := e.group("Flags")
	option(g, &defects, "defects", "", "the known anomalies: a `FOLDER`, or a CSV file, of which the rows that are not normal count")
	option(g, &f.data.Masks, "masks", "", "a `FOLDER` of masks for --defects: NAME_mask.png or NAME.png belongs to NAME.png")
	option(g, &normals, "normals", "", "calibrate by the normal images of a `FOLDER` or a CSV file, none of which was trained on").byDefault("the held-out images that the model keeps")
	f.declare(g)
	g.promise(&promise)
	g.seed(&seed)
	if done, err := e.parse(args); done {
		return err
	}
	if f.model == "" || defects == "" {
		return usagef("say which model and which anomalies: -m FILE --defects PATH")
	}
	f.allowed = func(m *anomem.Model) error {
		if err := hasReplay(m); err != nil || normals != "" {
			return err
		}
		return promise.canRefit(m, e.given())
	}
	return f.remake(e, defects, 1<<30, dataset.ReadDefects, func(ctx context.Context, m *anomem.Model, found *dataset.Images, show *progress, threads *pool.Pool) (*anomem.Model, error) {
		if err := f.checkMasks(ctx, found, show); err != nil {
			return nil, err
		}
		p := promise.of(m, e.given())
		calibrateBy, err := f.newNormals(ctx, normals, p, m, show)
		if err == nil && calibrateBy == nil {
			err = promise.apply(m, e.given())
		}
		if err != nil {
			return nil, err
		}
		o := train.DefaultOptions(m.Config().Input.Size)
		if trained, ok := describe.Training(m); ok && trained.Heads.Epochs > 0 {
			o = trained
		}
		o.Seed = seed
		seen, err := seenBefore(ctx, m, found, f.threads)
		if err != nil {
			return nil, err
		}
		if line := seen.trainedOn("known anomalies", "it counts twice now", "they count twice now"); line != "" {
			show.note("warning: " + line)
		}
		show.phase("refit", 0)
		next, err := train.Refit(ctx, m, dataset.AllAnomalous(found), o, show.note, threads)
		if err != nil {
			return nil, err
		}
		next.SetSeen(m.Seen().WithTrained(seen.prints))
		if calibrateBy == nil {
			return next, nil
		}
		return next, f.recalibrate(ctx, next, calibrateBy, p, show, threads)
	})
}

// checkMasks returns an error if masks of defects cannot be used, and notes the odd ones.
func (f *remakeFlags) checkMasks(ctx context.Context, defects *dataset.Images, show *progress) error {
	warnings, err := defects.CheckMasks(ctx, f.threads)
	for _, text := range warnings {
		show.note("warning: " + text)
	}
	return err
}

// recalibrate calibrates a refitted model by normal images.
func (f *remakeFlags) recalibrate(ctx context.Context, m *anomem.Model, by *dataset.Images, p anomem.Promise, show *progress, threads *pool.Pool) error {
	seen, err := seenBefore(ctx, m, by, f.threads)
	if err != nil {
		return err
	}
	if line := seen.trainedOn("normal images", "its score is too low, and the rate is not promised", "their scores are too low, and the rate is not promised"); line != "" {
		show.note("warning: " + line)
	}
	m.SetSeen(m.Seen().WithCalibrated(seen.prints))
	return train.Recalibrate(ctx, m, show.counted("calibration", by), p, threads)
}

// newNormals reads the normal images at path by which m is to keep a promise, and makes m
// promise nothing until it is refitted. It returns nil if no path is given.
func (f *remakeFlags) newNormals(ctx context.Context, path string, p anomem.Promise, m *anomem.Model, show *progress) (*dataset.Images, error) {
	if path == "" {
		return nil, nil
	}
	o := f.data
	o.Masks = "" // those of the defects
	images, err := dataset.ReadNormals(ctx, path, o, dataset.ReadOptions{SkipBroken: f.skip, Note: show.note, Threads: f.threads})
	if err != nil {
		return nil, orSkip(err)
	}
	if err := checkPromise(p, images.Len(), "normal images", "give more"); err != nil {
		return nil, err
	}
	if c := m.Calibration(); c != nil {
		return images, m.Calibrate(c.Scores, anomem.Promise{})
	}
	return images, nil
}

// hasReplay says what a model lacks to be refitted.
func hasReplay(m *anomem.Model) error {
	err := m.ReplayError()
	if errors.Is(err, anomem.ErrNoReplay) {
		return fmt.Errorf("%w: train it again, without --no-refit", err)
	}
	return err
}
