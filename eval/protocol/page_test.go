package protocol

import (
	"bytes"
	"context"
	"fmt"
	"image/jpeg"
	"math"
	"strings"
	"testing"

	"anomem/eval"
	"anomem/imageio"
	"anomem/nn/rng"
)

// drawn returns scores of which the anomalies' are higher in the mean, with ties.
func drawn(n int) (scores []float64, anomalous []bool) {
	r := rng.New(3)
	for range n {
		a := r.IntN(3) == 0
		s := float64(r.IntN(30))
		if a {
			s += 8
		}
		scores, anomalous = append(scores, s), append(anomalous, a)
	}
	return scores, anomalous
}

// The areas below the curves are the metrics, up to the steps of the grid.
func TestCurves(t *testing.T) {
	scores, anomalous := drawn(500)
	roc, err := rocOf(scores, anomalous)
	if err != nil {
		t.Fatal(err)
	}
	pr, err := precisionOf(scores, anomalous)
	if err != nil {
		t.Fatal(err)
	}
	area := func(y []float64) (sum float64) {
		for i := range gridSteps {
			sum += (y[i] + y[i+1]) / 2 / gridSteps
		}
		return sum
	}
	if want, _ := eval.AUROC(scores, anomalous); math.Abs(area(roc)-want) > 0.002 {
		t.Errorf("area %v below the ROC curve, AUROC %v", area(roc), want)
	}
	if want, _ := eval.AveragePrecision(scores, anomalous); math.Abs(area(pr)-want) > 0.01 {
		t.Errorf("area %v below the precision, AP %v", area(pr), want)
	}
	// Two normal images and two anomalies: a step up at 0, the tie a slope.
	roc, err = rocOf([]float64{4, 2, 2, 1}, []bool{true, true, false, false})
	if err != nil || roc[0] != 0.5 || math.Abs(roc[25]-0.75) > 1e-15 || roc[50] != 1 || roc[100] != 1 {
		t.Errorf("%v %v %v %v, %v", roc[0], roc[25], roc[50], roc[100], err)
	}
}

// Means are over the runs of a task first.
func TestMeanCurve(t *testing.T) {
	perfect, blind := []Class{{"good", false, []float64{1}}, {"bad", true, []float64{2}}}, []Class{{"good", false, []float64{1}}, {"bad", true, []float64{1}}}
	var all []*Result
	for i, c := range []struct {
		task   string
		scores []Class
	}{{"a", perfect}, {"a", blind}, {"b", blind}} {
		r := result("x", c.task, 0, 1, uint64(i+1), 0.5)
		r.Scores = c.scores
		all = append(all, r)
	}
	y, err := Summarise(all)[0].meanCurve(rocOf)
	if err != nil || math.Abs(y[50]-62.5) > 1e-12 || math.Abs(y[0]-25) > 1e-12 { // of a (100+50)/2 and b 50; of a (100+0)/2 and b 0
		t.Errorf("%v at 50, %v at 0, %v", y[50], y[0], err)
	}
}

// The highest and the lowest scores of each kind are kept, of equal ones the first.
func TestExtremes(t *testing.T) {
	var e Extremes
	img := imageio.NewImage(100, 50)
	for i := range 40 {
		if err := e.add(Shown{Name: fmt.Sprint(i), Anomalous: i%2 == 1, Score: float64(i * 7 % 20)}, img); err != nil {
			t.Fatal(err)
		}
	}
	names := func(all []Shown) (s string) {
		for _, x := range all {
			s += x.Name + ":" + fmt.Sprint(x.Score) + " "
		}
		return s
	}
	for want, got := range map[string][]Shown{
		"14:18 34:18 8:16 28:16 2:14 22:14 ": e.HighNormal, "0:0 20:0 6:2 26:2 12:4 32:4 ": e.LowNormal,
		"17:19 37:19 11:17 31:17 5:15 25:15 ": e.HighAnomaly, "3:1 23:1 9:3 29:3 15:5 35:5 ": e.LowAnomaly,
	} {
		if names(got) != want {
			t.Errorf("%s, want %s", names(got), want)
		}
	}
	small, err := jpeg.DecodeConfig(bytes.NewReader(e.HighNormal[0].JPEG))
	if err != nil || small.Width != 64 || small.Height != 32 {
		t.Errorf("%+v, %v", small, err)
	}
}

// A page of two detectors with two shares of known anomalies.
func TestPage(t *testing.T) {
	g := grid(OneVsAll, classes(t, 12))
	g.Detectors, g.Gammas, g.Normal = []string{"pca", "meancolour"}, []float64{0, 0.2}, []string{"cat", "dog"}
	var all []*Result
	for _, run := range mustPlan(t, g) {
		r, err := Execute(context.Background(), &run, Options{Threads: 1})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	page, err := Page(all, func(r *Result) (*Details, error) { return r.Details, nil }, "")
	if err != nil {
		t.Fatal(err)
	}
	if n := len(page.Sections); n != 1+4 {
		t.Fatalf("%d sections", n)
	}
	head, row := page.Sections[0], page.Sections[1]
	if len(head.Tables) != 2 || len(head.Plots) != 1+2*2 || len(head.Plots[0].Lines) != 2 || len(head.Plots[0].Lines[0].X) != 2 {
		t.Errorf("%d tables, plots %+v", len(head.Tables), head.Plots)
	}
	if len(row.Ridges[0].Rows) != 3 || row.Ridges[0].Rows[0].Anomalous || len(row.Thumbnails) != 4 || len(row.Thumbnails[1].Pictures) != shownEach || row.Thumbnails[1].Pictures[0].Name == "" {
		t.Errorf("%+v", row)
	}
	var out bytes.Buffer
	if err := page.WriteHTML(&out); err != nil || out.Len() > 2<<20 || strings.Count(out.String(), "<img") != strings.Count(out.String(), "data:image/jpeg") {
		t.Errorf("%d bytes, %v", out.Len(), err)
	}
	if _, err := Page(all, nil, "knn"); err == nil {
		t.Error("against a detector that has no result")
	}
}

// Pictures end before the page is too large.
func TestPicturesAreBounded(t *testing.T) {
	r := result("a", "cat", 0, 1, 1, 0.9)
	r.Scores = []Class{{"good", false, []float64{1}}, {"bad", true, []float64{2}}}
	r.Extremes.HighNormal = []Shown{{JPEG: make([]byte, 300)}, {JPEG: make([]byte, 300)}}
	s := Summarise([]*Result{r})[0]
	left := 500
	part := s.section(nil, &left)
	if len(part.Thumbnails) != 1 || len(part.Thumbnails[0].Pictures) != 1 || !strings.Contains(part.Note, "holds no more pictures") {
		t.Errorf("%+v", part)
	}
	left = 800
	if part := s.section(nil, &left); len(part.Thumbnails[0].Pictures) != 2 || part.Note != "" || left != 0 {
		t.Errorf("%+v, %d left", part, left)
	}
}

// The paper's line stands beside that of its detector, in its colour.
func TestGammaPlot(t *testing.T) {
	var all []*Result
	for i := range 10 {
		for _, gamma := range []float64{0, 0.05} {
			for _, id := range []string{"deepsad", "pca"} {
				r := result(id, string(rune('a'+i)), gamma, 1, 1, 0.7+gamma)
				r.Layout = "cifar10"
				all = append(all, r)
			}
		}
	}
	p := gammaPlot(Summarise(all), []float64{0, 0.05})
	var got []string
	for _, l := range p.Lines {
		got = append(got, fmt.Sprintf("%s %.4g %.4g %v %d", l.Name, l.X, l.Y, l.Dashed, l.Colour))
	}
	want := "the deepsad [0 0.05] [70 75] false 1; DeepSAD (quoted) [0 0.05] [60.9 77.9] true 1; the pca [0 0.05] [70 75] false 2"
	if strings.Join(got, "; ") != want {
		t.Errorf("%s", strings.Join(got, "; "))
	}
	var rows []*Summary
	for i := range mostLines + 2 {
		rows = append(rows, &Summary{Mean: float64(i * 5 % 18)})
	}
	some := best(rows)
	for i, s := range some {
		if len(some) != mostLines || s.Mean < 2 || i > 0 && s == some[i-1] {
			t.Errorf("%d rows, one with %v", len(some), s.Mean)
		}
	}
}

// A line for each detector and γ, by value; values that are no numbers in their order.
func TestSweepPlots(t *testing.T) {
	var all []*Result
	for _, c := range []struct {
		name, value string
		gamma, y    float64
	}{{"n", "64", 0, 0.6}, {"n", "8", 0, 0.5}, {"n", "64", 0.1, 0.7}, {"kind", "part", 0, 0.4}, {"kind", "object", 0, 0.3}} {
		r := result("a", "cat", c.gamma, 1, 1, c.y)
		r.Run.Protocol, r.Run.Vary, r.Run.Value, r.Run.Set = Sweep, c.name, c.value, []string{"x=1", c.name + "=" + c.value}
		all = append(all, r)
	}
	var got []string
	for _, p := range sweepPlots(Summarise(all)) {
		for _, l := range p.Lines {
			got = append(got, fmt.Sprintf("%s %v %s %v %.4g", p.X, p.Places, l.Name, l.X, l.Y))
		}
	}
	want := "n [] a x=1, γ 0 [8 64] [50 60]; n [] a x=1, γ 0.1 [64] [70]; kind [part object] a x=1, γ 0 [0 1] [40 30]"
	if strings.Join(got, "; ") != want {
		t.Errorf("%s", strings.Join(got, "; "))
	}
}
