package main

import (
	"context"
	"errors"
	"fmt"

	"anomem"
	"anomem/dataset"
	"anomem/simd/pool"
	"anomem/train"
)

func calibrateCommand() *command {
	return &command{
		name:    "calibrate",
		summary: "give a model a new threshold, from new normal images",
		args:    "-m MODEL NORMALS [flags]",
		text: `
Calibrate scores the normal images at NORMALS and writes a model whose p-values and
verdicts follow from these scores: after a new lamp, for example. NORMALS is a folder, or
a CSV file as train reads it, of which the normal rows count. None of the images may have
been trained on. It takes seconds. A later refit is calibrated by them, too; where
MODEL.refit is not there, it takes --normals instead. With n images
the smallest false-alarm rate that can be promised is 1/(n+1), in the mean over
calibrations: a model that 19 images calibrate exceeds its 5 % in 38 of 100 cases. With --confidence 0.95 the
model itself keeps the rate with this probability. For 5 % that takes 59 images.

--threshold sets the threshold by hand. The images still give the p-values, and how many
of them lie above it is printed.`,
		examples: `anomem calibrate -m model.safetensors normals
anomem calibrate -m model.safetensors normals --false-alarm 0.01 -o stricter.safetensors
anomem calibrate -m model.safetensors normals --confidence 0.95
anomem calibrate -m model.safetensors list.csv --columns path=image,label=status`,
		run: runCalibrate,
	}
}

func runCalibrate(e *env, args []string) error {
	var f remakeFlags
	var promise promiseFlags
	var threshold float64
	g := e.group("Flags")
	f.declare(g)
	g.promise(&promise)
	option(g, &threshold, "threshold", 0, "call images with a score above `T` anomalous, and promise nothing", finiteNumber).byDefault("by --false-alarm")
	paths, done, err := e.parsePaths(args, 1, 1)
	if done {
		return err
	}
	if f.model == "" {
		return usagef("say which model: -m FILE")
	}
	if given := e.given(); given["threshold"] && (given["false-alarm"] || given["confidence"]) {
		return usagef("--threshold promises no false-alarm rate: leave --false-alarm and --confidence away")
	}
	return f.remake(e, paths[0], 0, dataset.ReadNormals, func(ctx context.Context, m *anomem.Model, normals *dataset.Images, show *progress, p *pool.Pool) (*anomem.Model, error) {
		seen, err := seenBefore(ctx, m, normals, f.threads)
		if err != nil {
			return nil, err
		}
		if line := seen.trainedOn("normal images", "its score is too low, and the rate is not promised", "their scores are too low, and the rate is not promised"); line != "" {
			show.note("warning: " + line)
		}
		m.SetSeen(m.Seen().WithCalibrated(seen.prints))
		if err := m.ReplayError(); err != nil && !errors.Is(err, anomem.ErrNoReplay) {
			show.note(fmt.Sprintf("warning: a later refit will not be calibrated by these images, and needs --normals: %s", errorText(err)))
		}
		if given := e.given(); given["threshold"] {
			return m, f.byHand(ctx, m, show.counted("calibration", normals), threshold, show, p)
		}
		asked := promise.of(m, e.given())
		if err := checkPromise(asked, normals.Len(), "normal images", "give more"); err != nil {
			return nil, err
		}
		return m, train.Recalibrate(ctx, m, show.counted("calibration", normals), asked, p)
	})
}

// byHand calibrates m, with a threshold in place of one that keeps a promise.
func (f *remakeFlags) byHand(ctx context.Context, m *anomem.Model, normals dataset.Source, threshold float64, show *progress, p *pool.Pool) error {
	if err := train.Recalibrate(ctx, m, normals, anomem.Promise{}, p); err != nil {
		return err
	}
	scores := m.Calibration().Scores
	above := 0
	for _, s := range scores {
		if s > threshold {
			above++
		}
	}
	show.note(fmt.Sprintf("%d of %s above %g", above, plural(len(scores), "normal image scores", "normal images score"), threshold))
	return m.SetThreshold(threshold)
}
