package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"time"

	"anomem"
	"anomem/baseline"
	"anomem/baseline/registry"
	"anomem/dataset"
	"anomem/describe"
	"anomem/eval"
	"anomem/eval/report"
	"anomem/imageio"
	"anomem/synthetic"
)

// demoLog is the name of the training log in the demo's folder.
const demoLog = "training.csv"

// demoReport scores the test's pictures, prints how well anomalies are separated, and
// writes the heatmaps and the page.
func demoReport(ctx context.Context, e *env, m *anomem.Model, pictures demoPictures, out string, start time.Time) error {
	var images []*imageio.Image
	for _, s := range pictures.test {
		images = append(images, s.Image)
	}
	results := m.ScoreBatch(images)
	page := &report.Report{
		Title:     "anomem demo",
		Lead:      fmt.Sprintf("Learned from %d normal pictures that it drew itself, in %v.", len(pictures.learn), time.Since(start).Round(time.Second)),
		Threshold: math.NaN(),
	}
	if m.Judges() {
		page.Threshold, _ = m.Threshold()
	}
	said := new(eval.Collector)
	for i, r := range results {
		said.Add(r.Score, !pictures.test[i].Normal)
		page.Scores, page.Anomalous = append(page.Scores, r.Score), append(page.Anomalous, !pictures.test[i].Normal)
	}
	totals, err := said.Totals()
	if err != nil {
		return err
	}
	page.Figures = []report.Figure{{Name: "AUROC", Value: fmt.Sprintf("%.1f %%", 100*totals.AUROC), Note: fmt.Sprintf("of %d pictures", totals.Images)}}
	table, err := demoTable(ctx, e, said, pictures)
	if err != nil {
		return err
	}
	page.Tables = []report.Table{table}
	colours := describe.ColoursOf(m)
	page.Lo, page.Hi = colours.Lo, colours.Hi
	if page.Gallery, err = demoGallery(m, colours, pictures.test, results, filepath.Join(out, "heatmaps")); err != nil {
		return err
	}
	log, err := report.ReadLogFile(filepath.Join(out, demoLog))
	if err == nil {
		page.Plots, err = log.Plots("step", "loss", "learning_rate")
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return page.WriteFile(filepath.Join(out, "report.html"))
}

// demoTable prints and returns the AUROC by kind of what the model said, and of two trivial
// detectors.
func demoTable(ctx context.Context, e *env, said *eval.Collector, pictures demoPictures) (report.Table, error) {
	table := report.Table{Caption: "How well anomalies are told from normal pictures (AUROC, %)", Columns: []string{"", "all", "object", "style", "local"}}
	row := func(name string, c *eval.Collector) error {
		totals, err := c.Totals()
		if err != nil {
			return err
		}
		kinds, err := c.ByKind(func(i int) string { return string(pictures.test[i].Kind) },
			string(synthetic.Object), string(synthetic.Style), string(synthetic.Local))
		if err != nil {
			return err
		}
		cells := table.AddPercents(name, append([]float64{totals.AUROC}, kinds...)...)
		fmt.Fprintf(e.stdout, "%-14s AUROC %5s   object %5s   style %5s   local %5s\n", cells[0], cells[1], cells[2], cells[3], cells[4])
		return nil
	}
	if err := row("anomem", said); err != nil {
		return table, err
	}
	var test dataset.Samples
	for _, s := range pictures.test {
		test = append(test, s.Sample)
	}
	for _, id := range []string{"meancolour", "pca"} {
		d, err := registry.New(id)
		if err != nil {
			return table, err
		}
		if err := d.Fit(ctx, pictures.learn, baseline.Options{Seed: 1}); err != nil {
			return table, err
		}
		theirs, err := eval.Collect(ctx, test, false, d)
		if err != nil {
			return table, err
		}
		if err := row(d.Name(), theirs[0]); err != nil {
			return table, err
		}
	}
	return table, nil
}

// demoGallery returns a sixth of the test's pictures, enough to look at, with their
// heatmaps, and writes them to a folder.
func demoGallery(m *anomem.Model, colours *describe.Colours, test []synthetic.Sample, results []anomem.Result, dir string) ([]report.Example, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	var gallery []report.Example
	for i := 0; i < len(test); i += 6 {
		s, r := test[i], results[i]
		x := report.Example{
			Name: fmt.Sprintf("%d", i), Image: s.Image, Heat: m.Heatmap(s.Image), Mask: s.Mask,
			Score: r.Score, PValue: r.PValue, Label: "normal", Anomalous: !s.Normal, Flagged: r.Anomalous,
		}
		if !s.Normal {
			x.Label = fmt.Sprintf("%s: %s", s.Kind, s.What)
		}
		name := fmt.Sprintf("%03d-%s.png", i, cmp.Or(string(s.Kind), "normal"))
		lo, hi := colours.Of(x.Heat)
		if err := x.WriteStrip(filepath.Join(dir, name), lo, hi); err != nil {
			return nil, err
		}
		gallery = append(gallery, x)
	}
	return gallery, nil
}
