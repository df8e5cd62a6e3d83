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
each is also scored by heads that have not seen it, and the result is printed.`,
		examples: `anomem refit -m model.safetensors --defects scratched
anomem refit -m model.safetensors --defects scratched -o with-scratches.safetensors --masks masks
anomem refit -m model.safetensors --defects list.csv --columns path=image,label=status`,
		run: runRefit,
	}
}

func runRefit(e *env, args []string) error {
	var f remakeFlags
	var defects string
	var seed uint64
	var promise promiseFlags
	g := e.group("Flags")
	option(g, &defects, "defects", "", "the known anomalies: a `FOLDER`, or a CSV file, of which the rows that are not normal count")
	option(g, &f.data.Masks, "masks", "", "a `FOLDER` of masks for --defects: NAME_mask.png or NAME.png belongs to NAME.png")
	f.declare(g)
	g.promise(&promise)
	g.seed(&seed)
	if done, err := e.parse(args); done {
		return err
	}
	if f.model == "" || defects == "" {
		return usagef("say which model and which anomalies: -m FILE --defects PATH")
	}
	f.needs = canRefit
	return f.remake(e, defects, 1<<30, dataset.ReadDefects, func(ctx context.Context, m *anomem.Model, found *dataset.Images, show *progress, p *pool.Pool) (*anomem.Model, error) {
		if err := promise.apply(m, e.given()); err != nil {
			return nil, err
		}
		o := train.DefaultOptions(m.Config().Input.Size)
		if trained, ok := describe.Training(m); ok && trained.Heads.Epochs > 0 {
			o = trained
		}
		o.Seed = seed
		show.phase("refit", 0)
		return train.Refit(ctx, m, dataset.AllAnomalous(found), o, show.note, p)
	})
}

// canRefit says what a model lacks to be refitted.
func canRefit(m *anomem.Model) error {
	err := m.ReplayError()
	if errors.Is(err, anomem.ErrNoReplay) {
		return fmt.Errorf("%w: train it again, without --no-refit", err)
	}
	return err
}
