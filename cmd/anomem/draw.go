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
Draw writes generated pictures to a folder, in the layout of MVTec AD: normal ones to
train on, and normal and anomalous ones to test on. Masks of the anomalies lie in
ground_truth. --known adds anomalies to train on, for train's --defects and --masks.

SCENE is one of:

  part, texture   the demo's part, or a surface, 32 pixels wide; anomalies are other
                  objects, other styles and local defects. The part is always upright, so
                  train --kind part --shift mixed counts rotated copies as anomalies, too
  plate, cloth,   photographs of 1024 pixels, with scratches, pits, stains and threads
  screw           of some 20 pixels; screws lie in any pose
  leather         a photograph of 1024 pixels, with faint stains and patches of another
                  grain, 120 to 380 pixels wide, folds of 300 to 700, and pits of 24 to 44`,
		examples: `anomem draw plate -o plate --known 5
anomem draw part -o parts
anomem train parts --kind part --shift mixed -o part.safetensors
anomem train plate --kind part --defects plate/known/defects --masks plate/known/masks -o plate.safetensors
anomem score -m plate.safetensors plate --labels --heatmap heat`,
		run: runDraw,
	}
}

func runDraw(e *env, args []string) error {
	var out string
	var seed uint64
	var n synthetic.Counts
	g := e.group("Flags")
	option(g, &out, "o", "", "write to `FOLDER`")
	option(g, &n.Train, "train", 300, "`N` normal pictures to train on", notNegative[int]())
	option(g, &n.Good, "good", 100, "`N` normal pictures to test on", notNegative[int]())
	option(g, &n.Each, "each", 25, "`N` anomalies of each kind to test on", notNegative[int]())
	option(g, &n.Known, "known", 0, "`N` anomalies to train on, of all kinds in turn", notNegative[int]())
	g.seed(&seed)
	paths, done, err := e.parsePaths(args, 1, 1)
	if done {
		return err
	}
	if out == "" {
		return usagef("-o is missing: the folder to write to")
	}
	scene, err := synthetic.ParseScene(paths[0])
	if err != nil {
		return usagef("%v", err)
	}
	o := synthetic.Options{Scene: scene}
	ctx, stop := untilInterrupt()
	defer stop()
	switch err := synthetic.WriteFolder(ctx, out, o, seed, n); {
	case errors.Is(err, context.Canceled):
		return fmt.Errorf("interrupted: %s has some of the pictures; remove it before drawing again", out)
	case err != nil:
		return err
	}
	kinds := len(o.Kinds())
	fmt.Fprintf(e.stdout, "wrote %s to train on to %s, %d to test on, of which %d are anomalous, and %s\n",
		plural(n.Train, "picture", "pictures"), out, n.Good+kinds*n.Each, kinds*n.Each, plural(n.Known, "known anomaly", "known anomalies"))
	return nil
}
