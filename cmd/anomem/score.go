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
	"runtime"
	"strings"

	"anomem"
	"anomem/eval"
	"anomem/simd/pool"
	"anomem/train/dataset"
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

With --labels, PATH is a dataset such as train reads: AUROC and average precision are
printed, and the AUROC of the pixels where masks lie beside the images.`,
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
	Error     string    `json:"error,omitempty"`
}

func runScore(e *env, args []string) error {
	model := e.flags.String("m", "", "the model's `FILE`")
	asJSON := e.flags.Bool("json", false, "print one JSON object an image")
	heat := e.flags.String("heatmap", "", "write a picture of where each image deviates to `FOLDER`")
	fail := e.flags.Bool("fail-on-anomaly", false, "exit with 3 if an image is anomalous")
	labels := e.flags.Bool("labels", false, "PATH is a labelled dataset: print how well the scores tell its anomalies")
	normal := e.flags.String("normal", "", "with --labels, the normal `CLASS`, or several with commas")
	layout := e.flags.String("layout", "", "with --labels, read PATH as `LAYOUT`")
	skip := e.flags.Bool("skip-broken", false, "go on after an image that cannot be decoded")
	quiet := e.flags.Bool("quiet", false, "print no line an image")
	threads := e.flags.Int("threads", runtime.GOMAXPROCS(0), "run on `N` threads")
	paths, done, err := e.parsePaths(args, 1, -1)
	if done {
		return err
	}
	if *model == "" {
		return usagef("say which model: -m FILE")
	}
	if *threads < 1 || *threads > 1024 {
		return usagef("--threads: %d is not between 1 and 1024", *threads)
	}
	ctx, stop := untilInterrupt()
	defer stop()
	p := pool.New(*threads)
	defer p.Close()
	m, err := anomem.Load(*model, p)
	if err != nil {
		return err
	}
	s := &scorer{e: e, m: m, heat: *heat, skip: *skip}
	switch {
	case *quiet:
		s.show = func(scored) {}
	case *asJSON:
		enc := json.NewEncoder(e.stdout)
		s.show = func(r scored) { enc.Encode(r) }
	default:
		s.show = func(r scored) { showScore(e.stdout, r) }
	}
	if *heat != "" {
		if err := os.MkdirAll(*heat, 0o777); err != nil {
			return err
		}
	}
	if *labels {
		if len(paths) != 1 {
			return usagef("--labels: give one dataset")
		}
		o := dataset.Options{Layout: *layout}
		if *normal != "" {
			o.Normal = strings.Split(*normal, ",")
		}
		err = s.labelled(ctx, paths[0], o, *asJSON)
	} else {
		err = s.paths(ctx, paths)
	}
	if err == nil && *fail && s.found {
		return errAnomaly
	}
	return err
}

func showScore(w io.Writer, r scored) {
	if r.Error != "" {
		fmt.Fprintf(w, "%-10s  %10s  %8s  %s: %s\n", "broken", "", "", r.Path, r.Error)
		return
	}
	verdict, pvalue := "normal", "-"
	if r.PValue == nil {
		verdict = "-"
	} else {
		pvalue = fmt.Sprintf("%.4f", *r.PValue)
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
	heat  string
	skip  bool
	show  func(scored)
	found bool // an anomaly

	waiting []*anomem.Image
	names   []string
	results []anomem.Result // of all so far, in order
}

// together is how many images are scored at a time.
const together = 16

// add takes an image.
func (s *scorer) add(name string, img *anomem.Image) error {
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
		if s.heat != "" {
			if err := s.writeHeatmap(s.names[i], s.waiting[i]); err != nil {
				return err
			}
		}
		s.results = append(s.results, r)
	}
	s.waiting, s.names = s.waiting[:0], s.names[:0]
	return s.e.stdout.err
}

// broken takes an image that cannot be decoded.
func (s *scorer) broken(name string, err error) error {
	if !s.skip {
		return err
	}
	if err := s.flush(); err != nil {
		return err
	}
	s.show(scored{Path: name, Error: err.Error()})
	return nil
}

// paths scores files, and what is below folders.
func (s *scorer) paths(ctx context.Context, paths []string) error {
	n := 0
	for _, path := range paths {
		err := filepath.WalkDir(path, func(name string, d os.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if d.IsDir() || name != path && !dataset.IsImage(name) {
				return ctx.Err()
			}
			n++
			img, err := anomem.DecodeFile(name)
			if err != nil {
				return s.broken(name, err)
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
	if n == 0 {
		return fmt.Errorf("no image in %s", strings.Join(paths, ", "))
	}
	return s.flush()
}

// labelled scores the test images of a dataset and says how well anomalies are told.
func (s *scorer) labelled(ctx context.Context, path string, o dataset.Options, asJSON bool) error {
	d, err := openDataset(path, o)
	if err != nil {
		return err
	}
	items := d.Test()
	if len(items) == 0 {
		for i := range d.Items {
			items = append(items, i)
		}
	}
	loader := dataset.NewLoader(d, dataset.LoaderOptions{Items: items})
	var anomalous []bool
	var pixels eval.PixelAUROC
	masks := 0
	for _, i := range items {
		if err := ctx.Err(); err != nil {
			return err
		}
		it := d.Items[i]
		img, err := loader.Load(i)
		if err != nil {
			if err := s.broken(it.Path, err); err != nil {
				return err
			}
			continue
		}
		anomalous = append(anomalous, !it.Normal)
		if err := s.add(it.Path, img); err != nil {
			return err
		}
		if it.Mask != "" || it.Normal && d.Layout == dataset.MVTec {
			if err := s.addPixels(&pixels, img, it.Mask); err != nil {
				return err
			}
			if it.Mask != "" {
				masks++
			}
		}
	}
	if err := s.flush(); err != nil {
		return err
	}
	scores := make([]float64, len(s.results))
	for i, r := range s.results {
		scores[i] = r.Score
	}
	t := totals{Images: len(scores)}
	if t.AUROC, err = eval.AUROC(scores, anomalous); err != nil {
		return err
	}
	if t.AveragePrecision, err = eval.AveragePrecision(scores, anomalous); err != nil {
		return err
	}
	if masks > 0 {
		v, _, err := pixels.AUROC()
		if err != nil {
			return err
		}
		t.PixelAUROC = &v
	}
	if asJSON {
		return json.NewEncoder(s.e.stdout).Encode(t)
	}
	fmt.Fprintf(s.e.stdout, "images %d  AUROC %.2f  average precision %.2f", t.Images, 100*t.AUROC, 100*t.AveragePrecision)
	if t.PixelAUROC != nil {
		fmt.Fprintf(s.e.stdout, "  pixel AUROC %.2f (%d masks)", 100**t.PixelAUROC, masks)
	}
	fmt.Fprintln(s.e.stdout)
	return nil
}

// totals is the last line of score --labels.
type totals struct {
	Images           int      `json:"images"`
	AUROC            float64  `json:"auroc"`
	AveragePrecision float64  `json:"average_precision"`
	PixelAUROC       *float64 `json:"pixel_auroc,omitempty"`
}

// addPixels adds the values of an image's pixels, at the mask's own resolution.
func (s *scorer) addPixels(to *eval.PixelAUROC, img *anomem.Image, mask string) error {
	h := s.m.Heatmap(img)
	inside := make([]bool, img.W*img.H)
	if mask != "" {
		m, err := anomem.DecodeMaskFile(mask)
		if err != nil {
			return err
		}
		if m.W != img.W || m.H != img.H {
			return fmt.Errorf("%s: a mask of %d×%d pixels for an image of %d×%d", mask, m.W, m.H, img.W, img.H)
		}
		inside = m.Pix
	}
	return to.Add(h.Value, inside)
}

// writeHeatmap writes a picture of where an image deviates, under its own name.
func (s *scorer) writeHeatmap(name string, img *anomem.Image) error {
	h := s.m.Heatmap(img)
	lo, hi := h.Range()
	pic := eval.Strip(img, eval.Map{W: h.W, H: h.H, Values: h.Value}, lo, hi, nil)
	base := strings.NewReplacer("/", "_", "\\", "_", ":", "_", "#", "_").Replace(strings.TrimSuffix(name, filepath.Ext(name)))
	return writePNG(filepath.Join(s.heat, strings.TrimLeft(base, "._")+".png"), pic)
}
