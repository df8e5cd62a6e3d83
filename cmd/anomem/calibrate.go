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
Calibrate scores the normal images in the folder NORMALS and writes a model whose
p-values and verdicts follow from these scores: after a new lamp, for example. None of
the images may have been trained on. It takes seconds. With n images the smallest
false-alarm rate that can be promised is 1/(n+1).`,
		examples: `anomem calibrate -m model.safetensors normals
anomem calibrate -m model.safetensors normals --false-alarm 0.01 -o stricter.safetensors`,
		run: runCalibrate,
	}
}

func runCalibrate(e *env, args []string) error {
	var f remakeFlags
	var alpha float64
	g := e.group("Flags")
	f.declare(g)
	option(g, &alpha, "false-alarm", 0, "the `RATE` of normal images that may be called anomalous", between(0.0, 1)).byDefault("the model's, or 0.05")
	paths, done, err := e.parsePaths(args, 1, 1)
	if done {
		return err
	}
	if f.model == "" {
		return usagef("say which model: -m FILE")
	}
	return f.remake(e, paths[0], 0, dataset.ReadNormals, func(ctx context.Context, m *anomem.Model, normals *dataset.Images, show *progress, _ *pool.Pool) (*anomem.Model, error) {
		if alpha == 0 {
			if _, alpha = m.Threshold(); alpha == 0 {
				alpha = usualAlpha
			}
		}
		return m, train.Calibrate(ctx, m, show.counted("calibration", normals), alpha)
	})
}
