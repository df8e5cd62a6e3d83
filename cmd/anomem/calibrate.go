package main

import (
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
Calibrate scores the normal images in the folder NORMALS, none of which may have been
trained on, and writes a model whose p-values and verdicts follow from them: after a
new lamp, say. It takes seconds. Of n images a false-alarm rate of 1/(n+1) can be
promised at best.`,
		examples: `anomem calibrate -m model.safetensors normals
anomem calibrate -m model.safetensors normals --false-alarm 0.01 -o stricter.safetensors`,
		run: runCalibrate,
	}
}

func runCalibrate(e *env, args []string) error {
	model := e.flags.String("m", "", "the model's `FILE`")
	out := e.flags.String("o", "", "write to `FILE` (default the model itself)")
	alpha := e.flags.Float64("false-alarm", 0, "the `RATE` of verdicts (default that of the model, or 0.05)")
	skip := e.flags.Bool("skip-broken", false, "leave out images that cannot be decoded")
	threads := e.threadsFlag()
	paths, done, err := e.parsePaths(args, 1, 1)
	if done {
		return err
	}
	if *model == "" {
		return usagef("say which model: -m FILE")
	}
	if e.given()["false-alarm"] && !(*alpha > 0 && *alpha < 1) {
		return usagef("--false-alarm %g: want a share above 0 and below 1", *alpha)
	}
	if *out == "" {
		*out = *model
	}
	ctx, stop := untilInterrupt()
	defer stop()
	p := pool.New(*threads)
	defer p.Close()
	m, err := anomem.Load(*model, p)
	if err != nil {
		return err
	}
	if err := writable(*out); err != nil {
		return err
	}
	if *alpha == 0 {
		if _, *alpha = m.Threshold(); *alpha == 0 {
			*alpha = 0.05
		}
	}
	normals, err := dataset.ReadFolder(ctx, paths[0], dataset.ReadOptions{SkipBroken: *skip, Note: e.warn, Threads: *threads})
	if err != nil {
		return err
	}
	scores, err := train.Scores(ctx, m, normals)
	if err != nil {
		return err
	}
	if err := m.Calibrate(scores, *alpha); err != nil {
		return err
	}
	if err := m.Save(*out); err != nil {
		return err
	}
	fmt.Fprintf(e.stdout, "wrote %s: %s\n", *out, summary(m))
	return nil
}
