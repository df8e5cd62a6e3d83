package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"runtime/debug"

	"anomem"
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
is an image, a folder of images and further folders, or - for an image on standard input.
Images that cannot be decoded are reported together at the end, with exit code 1.

--threshold sets the threshold by hand, for verdicts and for --fail-on-anomaly. No
false-alarm rate follows from it; lines and JSON objects ("threshold_by_hand") say so.

--heatmap writes a picture for each image: the image, and beside it where it deviates.
The colours run from purple (and black) through red to yellow, on one scale for all
images of a model. They begin at the floor, what places of normal images usually have.
The middle, red, is where the model's false-alarm rate begins: of normal images, at most
that share has any place beyond it.

--boxes, --mask, --raw and --sheet tell where images are anomalous: the places beyond the
middle of the colours. --boxes adds the regions of an image to its JSON object
("regions"), or a line for each below its line, in pixels of the upright image. --raw
writes 16-bit grey: 0 is the value of the first colour, 65535 that of the last, values
beyond are cut off, and the text anomem:range in the file holds both values. With
--raw-format npy the values are float32, as they are.

With a region of interest, the model's or that of --roi, nothing outside it counts: heatmaps
have their least value there. With --labels, pictures show the part around the region.

With --labels, PATH is a dataset that train could read. Score takes its test split, or
all of it if there is none, and prints AUROC and average precision last, and the AUROC
of the pixels if there are masks. A line for each kind of anomalies, by its class, says
how many there are, their AUROC against the normal images, and their recall, the share
that is called anomalous. The line before says that share of the normal images, and what
the model promises of it. With --json these are the last line. A warning says how many of
the images the model was trained on or calibrated by, which a file's bytes tell: their
scores say little.`,
		examples: `anomem score -m model.safetensors new.png
anomem score -m model.safetensors photos --json | jq 'select(.anomalous)'
anomem score -m model.safetensors photos --heatmap heat
anomem score -m model.safetensors photos --quiet --sheet worst.html
anomem score -m model.safetensors part.png --boxes --json
anomem score -m model.safetensors part.png --fail-on-anomaly || echo stop the line
anomem score -m car.safetensors cifar10 --labels --normal automobile`,
		run: runScore,
	}
}

// errAnomaly ends score --fail-on-anomaly.
var errAnomaly = errors.New("an image is anomalous")

func runScore(e *env, args []string) error {
	var f scoreFlags
	f.declare(e)
	paths, done, err := e.parsePaths(args, 1, -1)
	if done {
		return err
	}
	f.given = e.given()
	if err := f.check(paths); err != nil {
		return err
	}
	ctx, stop := untilInterrupt()
	defer stop()
	boundGarbage(0)
	p := pool.New(f.threads)
	defer p.Close()
	m, err := anomem.Load(f.model, p, anomem.ForScoring())
	if err != nil {
		return err
	}
	if f.fail && !m.Judges() && f.byHand() == nil {
		return fmt.Errorf("--fail-on-anomaly: %s has no threshold, and would call nothing anomalous: anomem calibrate gives it one, or --threshold", f.model)
	}
	s, err := f.scorer(e, m)
	if err != nil {
		return err
	}
	defer s.bar.close()
	if f.labels {
		err = s.labelled(ctx, paths[0], f.data, f.trivial, f.asJSON)
	} else {
		err = s.paths(ctx, paths)
	}
	var broken *brokenImages
	if s.sheet != nil && (err == nil || errors.As(err, &broken)) {
		err = cmp.Or(err, s.sheet.write(s.verdict()))
	}
	switch {
	case err != nil:
		return err
	case len(s.scores) == 0 && f.fail:
		return s.errNothing()
	case len(s.scores) == 0:
		e.warn(s.errNothing().Error())
	case f.fail && s.found:
		return errAnomaly
	}
	return nil
}

// boundGarbage makes the collector run before garbage takes more than some hundred MiB:
// decoded photographs become garbage one after another, each of up to a few hundred.
// GOMEMLIMIT, where it is set, says otherwise. held is memory that is in use, in bytes, beside
// that of one batch.
func boundGarbage(held int64) {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(held + 384<<20)
	}
}
