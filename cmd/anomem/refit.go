package main

import (
	"encoding/json"
	"fmt"

	"anomem"
	"anomem/dataset"
	"anomem/simd/pool"
	"anomem/train"
)

func refitCommand() *command {
	return &command{
		name:    "refit",
		summary: "teach a model new known anomalies, without training it anew",
		args:    "-m MODEL --defects DIR [flags]",
		text: `
Refit trains the heads of a model again, with the images in DIR as known anomalies
beside what the model keeps of its training, and calibrates it. Encoder and memories
stay. Of few anomalies each is scored by heads that have not seen it, and that is
printed.`,
		examples: `anomem refit -m model.safetensors --defects scratched
anomem refit -m model.safetensors --defects scratched -o with-scratches.safetensors`,
		run: runRefit,
	}
}

func runRefit(e *env, args []string) error {
	model := e.flags.String("m", "", "the model's `FILE`")
	defects := e.flags.String("defects", "", "a `FOLDER` of known anomalies")
	out := e.flags.String("o", "", "write to `FILE` (default the model itself)")
	seed := e.flags.Uint64("seed", 1, "`NUMBER` that all random numbers follow from")
	skip := e.flags.Bool("skip-broken", false, "leave out images that cannot be decoded")
	threads := e.threadsFlag()
	if done, err := e.parse(args); done {
		return err
	}
	if *model == "" || *defects == "" {
		return usagef("say which model and which anomalies: -m FILE --defects DIR")
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
	found, err := dataset.ReadFolder(ctx, *defects, dataset.ReadOptions{SkipBroken: *skip, Note: e.warn, Keep: 1 << 30, Threads: *threads})
	if err != nil {
		return err
	}
	o := train.DefaultOptions(m.Config().Input.Size)
	var trained train.Options
	if json.Unmarshal(m.Provenance().Train, &trained) == nil && trained.Heads.Epochs > 0 {
		o = trained
	}
	o.Seed = *seed
	next, err := train.Refit(ctx, m, dataset.AllAnomalous(found), o, e.warn, p)
	if err != nil {
		return err
	}
	if err := next.Save(*out); err != nil {
		return err
	}
	fmt.Fprintf(e.stdout, "wrote %s: %s\n", *out, summary(next))
	return nil
}
