package main

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"math"
	"os"
	"path/filepath"
	"time"

	"anomem"
	"anomem/eval"
	"anomem/imageio"
	"anomem/simd/pool"
	"anomem/synthetic"
	"anomem/train"
	"anomem/train/augment"
)

func demoCommand() *command {
	return &command{
		name:    "demo",
		summary: "show all of it in two minutes, on pictures that it draws itself",
		args:    "[--out DIR] [--seed N] [--budget D]",
		text: `
Demo needs nothing: it draws normal pictures of a part, trains on them, draws others,
some with another object, another style or a local defect, scores them, and says how
well the scores tell the anomalies, beside what two trivial detectors make of the same
pictures. It writes the model, heatmaps beside pictures and masks, the log of training,
and a page, report.html.`,
		examples: `anomem demo
anomem demo --out look --seed 7`,
		run: runDemo,
	}
}

// drawn is pictures of the generator as training data.
type drawn []synthetic.Sample

func (d drawn) Len() int                            { return len(d) }
func (d drawn) Normal(i int) bool                   { return d[i].Normal }
func (d drawn) Image(i int) (*imageio.Image, error) { return d[i].Image, nil }

// The pictures of the demo.
const (
	demoTrain   = 1000
	demoHeld    = 100
	demoNormals = 150 // of the test
	demoEach    = 50  // of the test, of each kind of anomaly
)

func runDemo(e *env, args []string) error {
	out := e.flags.String("out", "anomem-demo", "write to `FOLDER`")
	seed := e.flags.Uint64("seed", 1, "of the pictures and of training")
	budget := e.flags.Duration("budget", 112*time.Second, "take about `TIME` in all")
	threads := e.threadsFlag()
	if done, err := e.parse(args); done {
		return err
	}
	ctx, stop := untilInterrupt()
	defer stop()
	start := time.Now()
	if err := os.MkdirAll(*out, 0o777); err != nil {
		return err
	}
	show, err := newProgress(e, false, filepath.Join(*out, "training.csv"))
	if err != nil {
		return err
	}
	p := pool.New(*threads)
	defer p.Close()
	fmt.Fprintf(e.stdout, "drawing %d normal pictures to learn from, and %d others, half of them anomalous\n", demoTrain+demoHeld, demoNormals+3*demoEach)
	o := synthetic.Options{Scene: synthetic.Part}
	normals := func(from, n int) (d drawn) {
		for i := range n {
			d = append(d, o.Normal(*seed, from+i))
		}
		return d
	}
	learn, held, test := normals(0, demoTrain), normals(demoTrain, demoHeld), normals(demoTrain+demoHeld, demoNormals)
	for _, kind := range o.Kinds() {
		for i := range demoEach {
			test = append(test, o.Anomaly(*seed, i, kind))
		}
	}
	m, err := demoModel(ctx, learn, held, *seed, *budget-time.Since(start)-3*time.Second, show, p)
	if closed := show.close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	if err := m.Save(filepath.Join(*out, "model.safetensors")); err != nil {
		return err
	}
	if err := demoReport(e, m, learn, test, *out, start); err != nil {
		return err
	}
	fmt.Fprintf(e.stdout, "wrote %s, and the model beside it, in %v\n", filepath.Join(*out, "report.html"), time.Since(start).Round(time.Second))
	return nil
}

// demoModel trains on the pictures within a budget.
func demoModel(ctx context.Context, learn, held drawn, seed uint64, budget time.Duration, show *progress, p *pool.Pool) (*anomem.Model, error) {
	c, o := train.Settings(train.Quick, augment.Part, learn[0].Image.W, learn[0].Image.H)
	o.Seed, o.Shift = seed, augment.Mixed // an object has an up and a down
	o.Turns = false                       // a turned copy shows a defect, too
	o.Joint = 30
	o, _, err := train.Fit(ctx, budget, c, o, learn, p)
	if err != nil {
		return nil, err
	}
	if err := show.begin(len(c.Scales), 0); err != nil {
		return nil, err
	}
	r := &train.Run{Config: c, Options: o, Data: learn, Held: held, Alpha: 0.05, Version: buildVersion(), OnStep: show.step, OnNote: show.note}
	return r.Train(ctx, p)
}

// demoReport scores the test's pictures, prints how well anomalies are told, and writes the
// page.
func demoReport(e *env, m *anomem.Model, learn, test drawn, out string, start time.Time) error {
	var images []*imageio.Image
	var anomalous []bool
	for _, s := range test {
		images, anomalous = append(images, s.Image), append(anomalous, !s.Normal)
	}
	results := m.ScoreBatch(images)
	scores := make([]float64, len(results))
	for i, r := range results {
		scores[i] = r.Score
	}
	auroc, err := eval.AUROC(scores, anomalous)
	if err != nil {
		return err
	}
	report := &eval.Report{
		Title:  "anomem demo",
		Lead:   fmt.Sprintf("Learned from %d normal pictures that it drew itself, in %v.", len(learn), time.Since(start).Round(time.Second)),
		Scores: scores, Anomalous: anomalous, Threshold: math.NaN(),
	}
	table := eval.Table{Caption: "How well anomalies are told from normal pictures (AUROC, %)", Columns: []string{"", "all", "object", "style", "local"}}
	row := func(name string, scores []float64) error {
		cells := []string{name}
		for _, kind := range []synthetic.Kind{"", synthetic.Object, synthetic.Style, synthetic.Local} {
			var s []float64
			var a []bool
			for i, t := range test {
				if t.Normal || kind == "" || t.Kind == kind {
					s, a = append(s, scores[i]), append(a, !t.Normal)
				}
			}
			v, err := eval.AUROC(s, a)
			if err != nil {
				return err
			}
			cells = append(cells, fmt.Sprintf("%.1f", 100*v))
		}
		table.Rows = append(table.Rows, cells)
		fmt.Fprintf(e.stdout, "%-14s AUROC %5s   object %5s   style %5s   local %5s\n", cells[0], cells[1], cells[2], cells[3], cells[4])
		return nil
	}
	if err := row("anomem", scores); err != nil {
		return err
	}
	for _, c := range []eval.Comparator{&eval.MeanColour{}, &eval.PCA{Side: 32, Components: 64}} {
		if err := c.Fit(pictures(learn)); err != nil {
			return err
		}
		theirs := make([]float64, len(images))
		for i, img := range images {
			theirs[i] = c.Score(img)
		}
		if err := row(c.Name(), theirs); err != nil {
			return err
		}
	}
	report.Tables = []eval.Table{table}
	report.Figures = []eval.Figure{{Name: "AUROC", Value: fmt.Sprintf("%.1f %%", 100*auroc), Note: fmt.Sprintf("of %d pictures", len(test))}}
	threshold, alpha := m.Threshold()
	if alpha > 0 {
		report.Threshold = threshold
	}
	heat := filepath.Join(out, "heatmaps")
	if err := os.MkdirAll(heat, 0o777); err != nil {
		return err
	}
	for i, s := range test {
		if i%6 != 0 {
			continue // a sixth of them is enough to look at
		}
		h := m.Heatmap(s.Image)
		x := eval.Example{
			Name: fmt.Sprintf("%d", i), Image: s.Image, Heat: eval.Map{W: h.W, H: h.H, Values: h.Value},
			Score: results[i].Score, PValue: results[i].PValue, Label: "normal", Anomalous: !s.Normal, Flagged: results[i].Anomalous,
		}
		if !s.Normal {
			x.Label = fmt.Sprintf("%s: %s", s.Kind, s.What)
			x.Mask = make([]bool, len(s.Mask))
			for k, v := range s.Mask {
				x.Mask[k] = v != 0
			}
		}
		lo, hi := h.Range()
		name := fmt.Sprintf("%03d-%s.png", i, cmp.Or(string(s.Kind), "normal"))
		if err := writePNG(filepath.Join(heat, name), eval.Strip(s.Image, x.Heat, lo, hi, x.Mask)); err != nil {
			return err
		}
		report.Gallery = append(report.Gallery, x)
	}
	if f, err := os.Open(filepath.Join(out, "training.csv")); err == nil {
		log, err := eval.ReadLog(f)
		f.Close()
		if err != nil {
			return err
		}
		for _, name := range []string{"loss", "learning_rate"} {
			plot, err := log.Plot(name, "step", name)
			if err != nil {
				return err
			}
			report.Plots = append(report.Plots, plot)
		}
	}
	f, err := os.Create(filepath.Join(out, "report.html"))
	if err != nil {
		return err
	}
	if err := report.WriteHTML(f); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

// pictures is the images of d, for a comparator.
func pictures(d drawn) iter.Seq2[*imageio.Image, error] {
	return func(yield func(*imageio.Image, error) bool) {
		for _, s := range d {
			if !yield(s.Image, nil) {
				return
			}
		}
	}
}
