package protocol

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/jpeg"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"anomem/baseline"
	"anomem/dataset"
	"anomem/eval/report"
	"anomem/imageio"
)

// shower is a stub with two scales, a map and a memory of three patterns at two scales. At the first
// scale an image is most like the pattern of its strongest channel, at the second like the first one.
type shower struct{ stub }

func (s *shower) ScoreScales(imgs []*imageio.Image) (scores []float64, scales [][]float64) {
	for _, img := range imgs {
		v := float64(img.Pix[0])
		scores, scales = append(scores, v), append(scales, []float64{-v, 2 * v})
	}
	return scores, scales
}

func (*shower) Map(img *imageio.Image) *imageio.Map {
	return &imageio.Map{W: 2, H: 1, Value: []float32{0, float32(img.Pix[0])}}
}

func (*shower) Recall(imgs []*imageio.Image, see func(baseline.Position)) {
	for i, img := range imgs {
		m := img.Means(1, 1)
		similar := []float32{float32(m[0]), float32(m[1]), float32(m[2])}
		see(baseline.Position{Image: i, From: img, Cell: image.Rect(0, 0, 8, 8), Similarity: similar})
		see(baseline.Position{Image: i, Scale: 1, From: img, Cell: image.Rect(0, 0, 8, 8), Similarity: []float32{1, 1, 1}})
	}
}

// showers returns such detectors.
func showers(string) (baseline.Detector, error) {
	return &shower{stub{
		fit:   func(context.Context, dataset.Source, baseline.Options) error { return nil },
		score: func(img *imageio.Image) float64 { return float64(img.Pix[0]) },
	}}, nil
}

// Details have scores by scale, a heatmap for each image that is shown, and what patterns are used
// for; AUROC by scale stands in the result. The number of threads changes nothing.
func TestDetails(t *testing.T) {
	g := grid(OneVsAll, classes(t, 10))
	g.Normal, g.New = []string{"cat"}, showers
	run := mustPlan(t, g)[0]
	var before []byte
	for _, threads := range []int{1, 3} {
		r, err := Execute(context.Background(), &run, Options{Threads: threads, New: showers})
		if err != nil {
			t.Fatal(err)
		}
		m, d := r.Metrics, r.Details
		if len(m.ScaleAUROC) != 2 || m.ScaleAUROC[1] != m.AUROC || m.ScaleAUROC[0]+m.AUROC != 1 || d.AUROC != m.AUROC {
			t.Errorf("AUROC %v, of scales %v, of the details %v", m.AUROC, m.ScaleAUROC, d.AUROC)
		}
		if len(d.Scales) != 2 || len(d.Scales[0].Normal) != r.Normal || len(d.Scales[1].Anomalous) != r.Anomalous || d.Scales[1].Normal[2] != -2*d.Scales[0].Normal[2] {
			t.Errorf("%+v", d.Scales)
		}
		for _, list := range [][]Shown{r.Extremes.HighNormal, r.Extremes.LowNormal, r.Extremes.HighAnomaly, r.Extremes.LowAnomaly} {
			for _, s := range list {
				if c, err := jpeg.DecodeConfig(bytes.NewReader(d.heatOf(s.Name, s.Score))); err != nil || c.Width != heatSide || c.Height != heatSide {
					t.Errorf("heatmap of %s: %+v, %v", s.Name, c, err)
				}
			}
		}
		// cat lacks red, dog green and owl blue, and each has 3 or 10 images in the test.
		if len(d.Memory) != 2 || fmt.Sprint(d.Memory[1].Normal, d.Memory[1].Anomalous) != "[3 0 0] [20 0 0]" || d.Memory[0].Normal[0] != 0 || d.Memory[0].Anomalous[0] == 0 {
			t.Errorf("%+v", d.Memory)
		}
		p := d.Memory[1].Patterns
		if len(p) != 1 || p[0].Number != 0 {
			t.Fatalf("%+v", p)
		}
		if c, err := jpeg.DecodeConfig(bytes.NewReader(p[0].JPEG)); err != nil || c.Width != 148 || c.Height != 48 {
			t.Errorf("%+v, %v", c, err)
		}
		text, err := json.Marshal(d)
		if err != nil || before != nil && !bytes.Equal(text, before) {
			t.Errorf("the number of threads changes details, or %v", err)
		}
		before = text
		if result, err := r.Marshal(); err != nil || bytes.Contains(result, []byte("memory")) || len(result) > 80_000 {
			t.Errorf("a result of %d bytes, %v", len(result), err)
		}
	}
}

// Beyond a number of patterns, each place of the chart is the mean of several.
func TestRanked(t *testing.T) {
	l := ranked("normal", []float64{0.1, 0.6, 0.3}, []int{1, 2, 0})
	if fmt.Sprintf("%v %.4g", l.X, l.Y) != "[1 2 3] [60 30 10]" {
		t.Errorf("%+v", l)
	}
	shares, order := make([]float64, 300), make([]int, 300)
	for i := range order {
		shares[i], order[i] = float64(i)/100, i
	}
	l = ranked("normal", shares, order)
	if n := len(l.X); n != 100 || l.X[0] != 2 || l.X[99] != 299 || fmt.Sprintf("%.4g", l.Y[1]) != "4" {
		t.Errorf("%+v", l)
	}
}

// Parts near the edge are moved into the image; cells that are larger than it become all of it.
func TestAround(t *testing.T) {
	img := imageio.NewImage(96, 96)
	for i := range img.Pix {
		img.Pix[i] = byte(i / 3 % 96) // its place across
	}
	for _, c := range []struct {
		cell     image.Rectangle
		from, to byte
	}{{image.Rect(16, 16, 32, 32), 0, 47}, {image.Rect(0, 0, 16, 16), 0, 47}, {image.Rect(80, 80, 96, 96), 48, 95}, {image.Rect(-20, 0, -4, 16), 0, 47}, {image.Rect(110, 0, 126, 16), 48, 95}, {image.Rect(0, 0, 96, 96), 0, 95}} {
		got := around(baseline.Position{From: img, Cell: c.cell})
		if got.W != patchSide || got.H != patchSide || got.Pix[0] > c.from+1 || got.Pix[0] < c.from || got.Pix[3*(patchSide-1)] > c.to || got.Pix[3*(patchSide-1)] < c.to-1 {
			t.Errorf("%v: from %d to %d, want %d to %d", c.cell, got.Pix[0], got.Pix[3*(patchSide-1)], c.from, c.to)
		}
	}
}

// Patterns that normal images use come first, then those that anomalies use more.
func TestTelling(t *testing.T) {
	m := Memory{Normal: []int{0, 5, 9, 0, 1, 0}, Anomalous: []int{0, 1, 0, 4, 2, 8}}
	if got := m.telling(); !slices.Equal(got, []int{2, 1, 4, 5, 3}) {
		t.Errorf("%v", got)
	}
	many := Memory{Normal: make([]int, 100), Anomalous: make([]int, 100)}
	for i := range 100 {
		many.Normal[i], many.Anomalous[i] = 100-i, i
	}
	if got := many.telling(); fmt.Sprint(got) != "[0 1 2 3 4 5 6 7 99 98 97 96]" {
		t.Errorf("%v", got)
	}
}

// Of each image the most similar part counts, of equal ones the first.
func TestNearest(t *testing.T) {
	var n nearest
	img := imageio.NewImage(8, 8)
	for i, of := range []struct {
		image int
		like  float32
	}{{0, 1}, {0, 3}, {1, 2}, {2, 2}, {3, 5}, {1, 1}, {2, 2}, {4, 2}, {1, 4}} {
		at := baseline.Position{From: img, Cell: image.Rect(i, -2, i+3, 4)}
		n.add(of.image, at, of.like)
	}
	var got []string
	for _, p := range n.parts {
		got = append(got, fmt.Sprint(p.image, " ", p.like, " ", p.patch.W, p.patch.H))
	}
	if want := "3 5 48 48; 1 4 48 48; 0 3 48 48"; strings.Join(got, "; ") != want {
		t.Errorf("%v, want %s", got, want)
	}
}

// Details stand in a file beside the result, are merged with it, and are not those of another result.
func TestDetailsFile(t *testing.T) {
	g := grid(OneVsAll, classes(t, 5))
	g.Normal, g.New = []string{"cat"}, showers
	plan := mustPlan(t, g)
	dir, to := filepath.Join(t.TempDir(), "a"), filepath.Join(t.TempDir(), "b")
	r := &Runner{Dir: dir, Options: Options{New: showers}}
	if out, err := r.Run(context.Background(), plan); err != nil || out.Done != 1 {
		t.Fatalf("%+v, %v", out, err)
	}
	if _, _, err := Merge(to, []string{dir}, nil); err != nil {
		t.Fatal(err)
	}
	results, _, err := ReadResults(to)
	if err != nil {
		t.Fatal(err)
	}
	d, err := ReadDetails(to, results[0])
	if err != nil || d == nil || len(d.Scales) != 2 || len(d.Memory) != 2 || len(d.Heat) == 0 {
		t.Fatalf("%+v, %v", d, err)
	}
	other := *results[0]
	other.Metrics.AUROC += 0.1
	if d, err := ReadDetails(to, &other); d != nil || err != nil {
		t.Errorf("details of another result: %+v, %v", d, err)
	}
	path := DetailsPath(to, &plan[0])
	if err := os.WriteFile(path, []byte("{"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadDetails(to, results[0]); err == nil || !strings.Contains(err.Error(), "remove it") {
		t.Errorf("half a file: %v", err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if d, err := ReadDetails(to, results[0]); d != nil || err != nil {
		t.Errorf("no file: %+v, %v", d, err)
	}
}

// A page shows details, and the tables AUROC by scale.
func TestPageOfDetails(t *testing.T) {
	g := grid(OneVsAll, classes(t, 8))
	g.Normal, g.New = []string{"cat", "dog"}, showers
	var all []*Result
	for _, run := range mustPlan(t, g) {
		r, err := Execute(context.Background(), &run, Options{Threads: 1, New: showers})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	page, err := Page(all, func(r *Result) (*Details, error) { return r.Details, nil }, "")
	if err != nil {
		t.Fatal(err)
	}
	s := Summarise(all)[0]
	scales := page.Sections[0].Tables[2]
	if want := []string{"stub", "0", percent(s.Scales[0]), percent(s.Scales[1]), percent(s.Mean)}; !slices.Equal(scales.Rows[0], want) || strings.Join(scales.Columns, " ") != "detector γ scale 1 scale 2 all" {
		t.Errorf("%v, want %v", scales, want)
	}
	row := page.Sections[1]
	if len(row.Scatters) != 1 || len(row.Plots) != 2 || len(row.Patches) != 2 || row.Thumbnails[0].Pictures[0].Heat == nil || !strings.Contains(row.Note, "heatmaps") {
		t.Errorf("%d scatters, %d plots, %d patches, %s", len(row.Scatters), len(row.Plots), len(row.Patches), row.Note)
	}
	if p := row.Plots[1]; !strings.Contains(p.Title, "3 patterns of scale 2, % of positions; normal images use all but 2") || fmt.Sprint(p.Lines[0].Y, p.Lines[1].Y) != "[100 0 0] [100 0 0]" {
		t.Errorf("%+v", p)
	}
	if p := row.Patches[1].Rows; len(p) != 1 || p[0].Name != "pattern 0" || p[0].Normal != "normal 100.0 %" || p[0].Anomalous != "anomalies 100.0 %" {
		t.Errorf("%+v", p)
	}
	// Without details, and without the scales in one result.
	all[1].Metrics.ScaleAUROC = nil
	if page, err = Page(all, nil, ""); err != nil || len(page.Sections[0].Tables) != 2 || page.Sections[1].Scatters != nil || page.Sections[1].Patches != nil || page.Sections[1].Thumbnails[0].Pictures[0].Heat != nil {
		t.Errorf("%+v, %v", page, err)
	}
}

// strip takes the scores out of a result, as jq 'del(.scores)' does.
func strip(t *testing.T, path string) {
	t.Helper()
	text, err := os.ReadFile(path)
	var fields map[string]any
	if err == nil {
		err = json.Unmarshal(text, &fields)
	}
	delete(fields, "scores")
	if err == nil {
		text, err = json.Marshal(fields)
	}
	if err == nil {
		err = os.WriteFile(path, text, 0o666)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Results that have lost their scores are done, and keep their tables; their curves are left out.
func TestWithoutScores(t *testing.T) {
	g := grid(OneVsAll, classes(t, 6))
	g.Normal, g.Detectors = []string{"cat", "dog"}, []string{"pca", "meancolour"}
	plan := mustPlan(t, g)
	r := &Runner{Dir: t.TempDir()}
	if out, err := r.Run(context.Background(), plan); err != nil || out.Done != 4 {
		t.Fatalf("%+v, %v", out, err)
	}
	pageOf := func() (*report.Report, string) {
		results, _, err := ReadResults(r.Dir)
		if err != nil {
			t.Fatal(err)
		}
		page, err := Page(results, nil, "")
		if err == nil {
			err = page.WriteHTML(new(bytes.Buffer))
		}
		if err != nil {
			t.Fatal(err)
		}
		return page, fmt.Sprint(page.Sections[0].Tables)
	}
	page, tables := pageOf()
	if strings.Contains(page.Sections[0].Note, "no scores") || len(page.Sections[1].Ridges) != 1 || len(page.Sections[0].Plots[0].Lines) != 2 {
		t.Errorf("%q", page.Sections[0].Note)
	}
	for i, c := range []struct {
		lines int // of a curve
		note  string
	}{
		{1, "Curves are means over runs and tasks. Results of PCA residual hold no scores: their curves are left out."},
		{0, "Results of PCA residual, mean colour hold no scores: their curves are left out."},
		{0, "Results of PCA residual, mean colour hold no scores: their curves are left out."},
		{0, "Results of PCA residual, mean colour hold no scores: their curves are left out."},
	} {
		strip(t, ResultPath(r.Dir, &plan[i]))
		if out, err := r.Run(context.Background(), plan); err != nil || out.Found != 4 || out.Done != 0 {
			t.Fatalf("%+v, %v", out, err)
		}
		page, now := pageOf()
		head := page.Sections[0]
		if head.Note != c.note || (c.lines > 0) != (len(head.Plots) > 0) || c.lines > 0 && len(head.Plots[0].Lines) != c.lines {
			t.Errorf("%d plots, %q", len(head.Plots), head.Note)
		}
		if now != tables {
			t.Errorf("%v, before %v", now, tables)
		}
	}
	page, _ = pageOf()
	if row := page.Sections[1]; len(row.Ridges) != 0 || !strings.Contains(row.Note, "the histograms are left out") {
		t.Errorf("%q", row.Note)
	}
}
