package main

import (
	"context"

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
		args:    "-m MODEL --defects DIR [flags]",
		text: `
Refit trains the heads of a model again and calibrates it. The images in DIR are new
known anomalies; the model file keeps what is needed of the training before. Encoder and
memories stay as they are. If anomalies are few, each is also scored by heads that have
not seen it, and the result is printed.`,
		examples: `anomem refit -m model.safetensors --defects scratched
anomem refit -m model.safetensors --defects scratched -o with-scratches.safetensors`,
		run: runRefit,
	}
}

func runRefit(e *env, args []string) error {
	var f remakeFlags
	var defects string
	var seed uint64
	g := e.group("Flags")
	option(g, &defects, "defects", "", "a `FOLDER` of known anomalies")
	f.declare(g)
	g.seed(&seed)
	if done, err := e.parse(args); done {
		return err
	}
	if f.model == "" || defects == "" {
		return usagef("say which model and which anomalies: -m FILE --defects DIR")
	}
	return f.remake(e, defects, 1<<30, dataset.ReadFolder, func(ctx context.Context, m *anomem.Model, found *dataset.Images, show *progress, p *pool.Pool) (*anomem.Model, error) {
		o := train.DefaultOptions(m.Config().Input.Size)
		if trained, ok := describe.Training(m); ok && trained.Heads.Epochs > 0 {
			o = trained
		}
		o.Seed = seed
		show.phase("refit", 0)
		return train.Refit(ctx, m, dataset.AllAnomalous(found), o, show.note, p)
	})
}
