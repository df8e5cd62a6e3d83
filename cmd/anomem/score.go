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
		summary: "say how far images deviate from what is normal",
		args:    "-m MODEL PATH... [flags]",
		text: `
Score prints a line for each image: its score, its p-value (the share of normal images
that score as high) and whether it is anomalous at the false-alarm rate that the
model was calibrated for. A PATH is an image or a folder, with what is below it.

With --heatmap, a picture is written for each image: the image, and beside it where it
deviates, from blue for its least to red for its most.

With --labels, PATH is a dataset such as train reads, and its test split is scored, or
all of it if it has none: AUROC and average precision follow, and the AUROC of the
pixels where masks lie beside the images; with --json, as a last line.`,
		examples: `anomem score -m model.safetensors new.png
anomem score -m model.safetensors photos --json | jq 'select(.anomalous)'
anomem score -m model.safetensors photos --heatmap heat
anomem score -m model.safetensors part.png --fail-on-anomaly || echo stop the line
anomem score -m car.safetensors cifar10 --labels --normal automobile`,
		groups: []flagGroup{
			{"What is scored", []string{"m", "skip-broken", "threads"}},
			{"What comes out", []string{"json", "quiet", "heatmap", "fail-on-anomaly"}},
			{"Of a labelled dataset", []string{"labels", "trivial", "normal", "layout", "fine"}},
		},
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

// scoreFlags are the flags of score.
type scoreFlags struct {
	model, heat, normal, layout             string
	asJSON, quiet, fail, labels, skip, fine bool
	trivial                                 bool
	threads                                 *int
}

func runScore(e *env, args []string) error {
	var f scoreFlags
	fs := e.flags
	fs.StringVar(&f.model, "m", "", "the model's `FILE`")
	fs.BoolVar(&f.asJSON, "json", false, "print one JSON object an image: path, score, scales, p_value, anomalous")
	fs.StringVar(&f.heat, "heatmap", "", "write a picture of where each image deviates to `FOLDER`")
	fs.BoolVar(&f.fail, "fail-on-anomaly", false, "exit with 3 if an image is anomalous")
	fs.BoolVar(&f.labels, "labels", false, "PATH is a labelled dataset: print how well the scores tell its anomalies")
	fs.BoolVar(&f.trivial, "trivial", false, "with --labels: print beside it what image size, mean colour and principal components reach")
	fs.StringVar(&f.normal, "normal", "", "the normal `CLASS`, or several with commas")
	fs.StringVar(&f.layout, "layout", "", "read PATH as `LAYOUT`, one that train knows (default what it looks like)")
	fs.BoolVar(&f.fine, "fine", false, "CIFAR-100: its 100 classes, not the 20 super-classes")
	fs.BoolVar(&f.skip, "skip-broken", false, "go on after an image that cannot be decoded; it is told on standard error")
	fs.BoolVar(&f.quiet, "quiet", false, "print no line an image")
	f.threads = e.threadsFlag()
	paths, done, err := e.parsePaths(args, 1, -1)
	if done {
		return err
	}
	switch {
	case f.model == "":
		return usagef("say which model: -m FILE")
	case f.labels && len(paths) != 1:
		return usagef("--labels: give one dataset")
	case !f.labels && (f.normal != "" || f.layout != "" || f.fine || f.trivial):
		return usagef("--normal, --layout, --fine and --trivial are of a labelled dataset: add --labels")
	}
	ctx, stop := untilInterrupt()
	defer stop()
	p := pool.New(*f.threads)
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
		o := dataset.Options{Layout: f.layout, Fine: f.fine}
		if f.normal != "" {
			o.Normal = strings.Split(f.normal, ",")
		}
		err = s.labelled(ctx, paths[0], o, f.trivial, f.asJSON)
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
