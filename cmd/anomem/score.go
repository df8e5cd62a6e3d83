package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"

	"anomem"
	"anomem/dataset"
	"anomem/imageio"
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

--heatmap writes a picture for each image: the image, and beside it where it deviates,
from blue (least) to red (most).

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

// scored is a line of score --json.
type scored struct {
	Path      string    `json:"path"`
	Score     float64   `json:"score"`
	Scales    []float64 `json:"scales"`
	PValue    *float64  `json:"p_value"` // null: the model is not calibrated
	Anomalous bool      `json:"anomalous"`
}

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

func runScore(e *env, args []string) error {
	var f scoreFlags
	f.declare(e)
	paths, done, err := e.parsePaths(args, 1, -1)
	if done {
		return err
	}
	switch {
	case f.model == "":
		return usagef("say which model: -m FILE")
	case f.labels && len(paths) != 1:
		return usagef("--labels: give one dataset")
	case !f.labels && (len(f.data.Normal) > 0 || f.data.Layout != "" || f.data.Fine || f.trivial):
		return usagef("--normal, --layout, --fine and --trivial are of a labelled dataset: add --labels")
	}
	ctx, stop := untilInterrupt()
	defer stop()
	p := pool.New(f.threads)
	defer p.Close()
	m, err := anomem.Load(f.model, p, anomem.ForScoring())
	if err != nil {
		return err
	}
	if _, alpha := m.Threshold(); f.fail && alpha == 0 {
		return fmt.Errorf("--fail-on-anomaly: %s has no threshold, and would call nothing anomalous: anomem calibrate gives it one", f.model)
	}
	s := &scorer{e: e, m: m, skip: f.skip}
	switch {
	case f.quiet:
		s.show = func(scored) {}
	case f.asJSON:
		enc := json.NewEncoder(e.stdout)
		s.show = func(r scored) { enc.Encode(r) }
	default:
		s.show = func(r scored) { showScore(e.stdout, r) }
	}
	if f.heat != "" {
		if s.heat, err = newHeatmaps(f.heat); err != nil {
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

func showScore(w io.Writer, r scored) {
	verdict, pvalue := "-", "-"
	if r.PValue != nil {
		verdict, pvalue = "normal", fmt.Sprintf("%.4f", *r.PValue)
	}
	if r.Anomalous {
		verdict = "anomalous"
	}
	fmt.Fprintf(w, "%-10s  %10.5f  %8s  %s\n", verdict, r.Score, pvalue, r.Path)
}

// scorer scores images as they come.
type scorer struct {
	e     *env
	m     *anomem.Model
	heat  *heatmaps // nil: none are wanted
	skip  bool
	show  func(scored)
	found bool // an anomaly

	waiting []*imageio.Image
	names   []string
	scores  []float64 // of all so far, in order
}

// together is how many images are scored at a time.
const together = 16

// add takes an image.
func (s *scorer) add(name string, img *imageio.Image) error {
	s.waiting, s.names = append(s.waiting, img), append(s.names, name)
	if len(s.waiting) == together {
		return s.flush()
	}
	return nil
}

func (s *scorer) flush() error {
	for i, r := range s.m.ScoreBatch(s.waiting) {
		line := scored{Path: s.names[i], Score: r.Score, Scales: r.Scales, Anomalous: r.Anomalous}
		if math.IsNaN(r.Score) || math.IsInf(r.Score, 0) {
			return fmt.Errorf("%s: its score is %v: the model is broken", s.names[i], r.Score)
		}
		if !math.IsNaN(r.PValue) {
			line.PValue = &r.PValue
		}
		s.found = s.found || r.Anomalous
		s.show(line)
		if s.heat != nil {
			if err := s.heat.write(s.m, s.names[i], s.waiting[i]); err != nil {
				return err
			}
		}
		s.scores = append(s.scores, r.Score)
	}
	s.waiting, s.names = s.waiting[:0], s.names[:0]
	return s.e.stdout.err
}

// broken takes an image that cannot be decoded.
func (s *scorer) broken(err error) error {
	if !s.skip {
		return errors.Join(err, s.flush()) // what came before is scored
	}
	fmt.Fprintf(s.e.stderr, "skipped: %v\n", err)
	return nil
}

// paths scores files, and what is below folders.
func (s *scorer) paths(ctx context.Context, paths []string) error {
	found := false
	for _, path := range paths {
		root := path
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			root += string(filepath.Separator) // a link to a folder is one, too
		}
		err := filepath.WalkDir(root, func(name string, d os.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if d.IsDir() || name != root && !dataset.IsImage(name) {
				return ctx.Err()
			}
			found = true
			img, err := imageio.DecodeFile(name)
			if err != nil {
				return s.broken(err)
			}
			if err := s.add(name, img); err != nil {
				return err
			}
			return ctx.Err()
		})
		if err != nil {
			return err
		}
	}
	if !found {
		return fmt.Errorf("no image in %s", strings.Join(paths, ", "))
	}
	return s.flush()
}
