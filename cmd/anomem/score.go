package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"

	"anomem"
	"anomem/dataset"
	"anomem/describe"
	"anomem/simd/pool"
)

func scoreCommand() *command {
	return &command{
		name:    "score",
		summary: "print how far images deviate from what is normal",
		args:    "-m MODEL PATH... [flags]",
		text: `
Score prints a line for each image: the verdict, the score, the p-value (the share of
normal images that score as high) and the path. The verdict is "anomalous" if the score
is above the threshold for the false-alarm rate that the model was calibrated for. A PATH
is an image, or a folder of images and further folders.

--heatmap writes a picture for each image: the image, and beside it where it deviates.
The colours run from purple (and black) through red to yellow, on one scale for all
images of a model. They begin at the floor, what places of normal images usually have.
The middle, red, is where the model's false-alarm rate begins: of normal images, at most
that share has any place beyond it.

With --labels, PATH is a dataset that train could read. Score takes its test split, or
all of it if there is none, and prints AUROC and average precision last, and the AUROC
of the pixels if there are masks. With --json these are the last line.`,
		examples: `anomem score -m model.safetensors new.png
anomem score -m model.safetensors photos --json | jq 'select(.anomalous)'
anomem score -m model.safetensors photos --heatmap heat
anomem score -m model.safetensors part.png --fail-on-anomaly || echo stop the line
anomem score -m car.safetensors cifar10 --labels --normal automobile`,
		run: runScore,
	}
}

// errAnomaly ends score --fail-on-anomaly.
var errAnomaly = errors.New("an image is anomalous")

// scoreFlags are the options of score.
type scoreFlags struct {
	model, heat               string
	asJSON, quiet, fail, skip bool
	threads                   int

	labels, trivial bool
	data            dataset.Options
}

func (f *scoreFlags) declare(e *env) {
	g := e.group("What is scored")
	g.model(&f.model)
	g.skipBroken(&f.skip)
	g.threads(&f.threads)

	g = e.group("What is printed and written")
	g.json(&f.asJSON, "one JSON object an image: path, score, scales, p_value, anomalous")
	option(g, &f.quiet, "quiet", false, "print no line for an image")
	option(g, &f.heat, "heatmap", "", "write a picture of where each image deviates to `FOLDER`")
	option(g, &f.fail, "fail-on-anomaly", false, "exit with 3 if an image is anomalous")

	g = e.group("With a labelled dataset")
	option(g, &f.labels, "labels", false, "PATH is a labelled dataset: print how well the scores separate its anomalies")
	option(g, &f.trivial, "trivial", false, "also print what image size, mean colour and principal components reach")
	g.labels(&f.data)
}

// check returns an error if options or paths contradict each other.
func (f *scoreFlags) check(paths []string) error {
	switch {
	case f.model == "":
		return usagef("say which model: -m FILE")
	case f.labels && len(paths) != 1:
		return usagef("--labels: give one dataset")
	case !f.labels && (len(f.data.Normal) > 0 || f.data.Layout != "" || f.data.Fine || f.trivial):
		return usagef("--normal, --layout, --fine and --trivial are of a labelled dataset: add --labels")
	}
	return nil
}

func runScore(e *env, args []string) error {
	var f scoreFlags
	f.declare(e)
	paths, done, err := e.parsePaths(args, 1, -1)
	if done {
		return err
	}
	if err := f.check(paths); err != nil {
		return err
	}
	ctx, stop := untilInterrupt()
	defer stop()
	boundGarbage()
	p := pool.New(f.threads)
	defer p.Close()
	m, err := anomem.Load(f.model, p, anomem.ForScoring())
	if err != nil {
		return err
	}
	if _, alpha := m.Threshold(); f.fail && alpha == 0 {
		return fmt.Errorf("--fail-on-anomaly: %s has no threshold, and would call nothing anomalous: anomem calibrate gives it one", f.model)
	}
	s := &scorer{e: e, m: m, skip: f.skip, show: f.shower(e.stdout)}
	if f.heat != "" {
		colours := coloursOf(m)
		if !colours.known {
			e.warn(fmt.Sprintf("%s has no scale of heatmaps, so that each picture has its own: anomem calibrate gives it one", f.model))
		}
		if s.heat, err = newHeatmaps(f.heat, colours, f.threads); err != nil {
			return err
		}
	}
	if f.labels {
		err = s.labelled(ctx, paths[0], f.data, f.trivial, f.asJSON)
	} else {
		err = s.paths(ctx, paths)
	}
	if err == nil && f.fail && s.found {
		return errAnomaly
	}
	return err
}

// boundGarbage makes the collector run before garbage takes more than some hundred MiB:
// decoded photographs become garbage one after another, each of up to a few hundred.
// GOMEMLIMIT, where it is set, says otherwise.
func boundGarbage() {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(384 << 20)
	}
}

// shower returns how the result of an image is printed.
func (f *scoreFlags) shower(w io.Writer) func(describe.Image) {
	switch {
	case f.quiet:
		return func(describe.Image) {}
	case f.asJSON:
		enc := json.NewEncoder(w)
		return func(d describe.Image) { enc.Encode(d) } // the writer keeps the error
	}
	return func(d describe.Image) { fmt.Fprintln(w, d) }
}
