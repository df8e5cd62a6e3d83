package main

import (
	"context"

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
been trained on. It takes seconds. With n images the smallest
false-alarm rate that can be promised is 1/(n+1), in the mean over calibrations: a model
that 19 images calibrate exceeds its 5 % in 38 of 100 cases. With --confidence 0.95 the
model itself keeps the rate with this probability. For 5 % that takes 59 images.`,
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
	g := e.group("Flags")
	f.declare(g)
	g.promise(&promise)
	paths, done, err := e.parsePaths(args, 1, 1)
	if done {
		return err
	}
	if f.model == "" {
		return usagef("say which model: -m FILE")
	}
	return f.remake(e, paths[0], 0, dataset.ReadNormals, func(ctx context.Context, m *anomem.Model, normals *dataset.Images, show *progress, _ *pool.Pool) (*anomem.Model, error) {
		p := promise.of(m, e.given())
		if err := checkPromise(p, normals.Len(), "normal images", "give more"); err != nil {
			return nil, err
		}
		return m, train.Calibrate(ctx, m, show.counted("calibration", normals), p)
	})
}
