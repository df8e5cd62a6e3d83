package main

import (
	"context"
	"errors"
	"fmt"

	"anomem/synthetic"
)

func drawCommand() *command {
	return &command{
		name:    "draw",
		summary: "write pictures to try the detector on, normal and anomalous",
		args:    "SCENE -o DIR [flags]",
		text: `
Draw writes pictures of its own to a folder, in the layout of MVTec AD: normal ones to
train on, others to test on, some with an anomaly, whose masks lie in ground_truth. The
scenes part (the demo's) and texture are of 32 pixels, with other objects, other styles
and local defects; plate and cloth are photographs of 1024 pixels with scratches, pits,
stains and threads of some 20 pixels. With --known there are anomalies to train on, too,
for train's --defects and --masks.`,
		examples: `anomem draw plate -o plate --known 5
anomem train plate --kind part --defects plate/known/defects --masks plate/known/masks -o plate.safetensors
anomem score -m plate.safetensors plate --labels --heatmap heat`,
		run: runDraw,
	}
}

func runDraw(e *env, args []string) error {
	out := e.flags.String("o", "", "write to `FOLDER`")
	seed := e.flags.Uint64("seed", 1, "`NUMBER` that all pictures follow from")
	var n synthetic.Counts
	e.flags.IntVar(&n.Train, "train", 300, "`N` normal pictures to train on")
	e.flags.IntVar(&n.Good, "good", 100, "`N` normal pictures to test on")
	e.flags.IntVar(&n.Each, "each", 25, "`N` anomalies to test on, of each kind")
	e.flags.IntVar(&n.Known, "known", 0, "`N` anomalies to train on, of all kinds in turn")
	paths, done, err := e.parsePaths(args, 1, 1)
	if done {
		return err
	}
	if *out == "" {
		return usagef("-o is missing: the folder to write to")
	}
	if n.Train < 0 || n.Good < 0 || n.Each < 0 || n.Known < 0 {
		return usagef("--train, --good, --each and --known: want none below 0")
	}
	scene, err := synthetic.ParseScene(paths[0])
	if err != nil {
		return usagef("%v", err)
	}
	o := synthetic.Options{Scene: scene}
	ctx, stop := untilInterrupt()
	defer stop()
	switch err := synthetic.WriteFolder(ctx, *out, o, *seed, n); {
	case errors.Is(err, context.Canceled):
		return fmt.Errorf("interrupted: %s has some of the pictures; remove it before drawing again", *out)
	case err != nil:
		return err
	}
	kinds := len(o.Kinds())
	fmt.Fprintf(e.stdout, "wrote %d pictures to train on to %s, %d to test on, of which %d are anomalous, and %d known anomalies\n",
		n.Train, *out, n.Good+kinds*n.Each, kinds*n.Each, n.Known)
	return nil
}
