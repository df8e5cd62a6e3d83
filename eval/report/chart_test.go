package report

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestTicks(t *testing.T) {
	for _, c := range []struct {
		low, high float64
		want      string
	}{
		{0, 100, "0 20 40 60 80 100"}, {0, 1, "0 0.2 0.4 0.6 0.8 1"}, {-0.3, 0.21, "−0.2 0 0.2"},
		{1.5, 1.9, "1.5 1.6 1.7 1.8 1.9"}, {3e-7, 9e-7, "4e−07 6e−07 8e−07"}, {0, 3e9, "0 1e+09 2e+09 3e+09"}, {98765, 98768, "98765 98766 98767 98768"}, {-2, -1.9995, "−2 −1.9999 −1.9998 −1.9997 −1.9996 −1.9995"},
	} {
		var got []string
		for _, text := range ticks(c.low, c.high, 5) {
			got = append(got, text)
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("from %v to %v: %s, want %s", c.low, c.high, s, c.want)
		}
	}
}

func TestPathBreaksWhereThereIsNoNumber(t *testing.T) {
	f := frame{0, 10, 0, 10}
	nan := math.NaN()
	got := f.path([]float64{0, 5, 5.00001, 10, 10, 10, 0}, []float64{0, 0, 0, nan, 10, math.Inf(1), 10})
	if want := "M48 220L218 220M388 12M48 12"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// A line of a million points is drawn with few, and none of its extremes is lost.
func TestThinned(t *testing.T) {
	const n = 1_000_000
	l := Line{Name: "loss", X: make([]float64, n), Y: make([]float64, n)}
	for i := range n {
		l.X[i], l.Y[i] = float64(i), 1
	}
	l.Y[123_456], l.Y[654_321], l.Y[999_999] = 9, -4, math.NaN()
	thin := l.thinned()
	if len(thin.X) != most || !slices.IsSorted(thin.X) {
		t.Errorf("%d points", len(thin.X))
	}
	for x, y := range map[float64]float64{123_456: 9, 654_321: -4} {
		if i := slices.Index(thin.X, x); i < 0 || thin.Y[i] != y {
			t.Errorf("the point at %v is lost", x)
		}
	}
	if !slices.ContainsFunc(thin.Y, math.IsNaN) {
		t.Error("the gap is lost")
	}
	short := Line{X: []float64{1, 2, 3}, Y: []float64{1, 2}}
	if thin := short.thinned(); len(thin.X) != 2 {
		t.Errorf("%v", thin)
	}
}

// The bars hold every score, and stand within the frame.
func TestHistogram(t *testing.T) {
	scores := []float64{0, 0, 0.1, 1, 2, 4, 4}
	c := histogram(scores, []bool{false, false, false, false, true, true, true}, 5)
	counted := map[string]int{}
	for _, b := range c.Bars {
		var k int
		if _, err := fmt.Sscan(b.About, &k); err != nil {
			t.Fatal(err)
		}
		counted[b.Class] += k
	}
	if counted[classNormals] != 4 || counted[classAnomalies] != 3 {
		t.Errorf("bars hold %v", counted)
	}
	if c.Frame.x1 != 5 || c.Rule.X != px(right) || c.Rule.Anchor != "end" {
		t.Errorf("frame %v, rule %v", c.Frame, *c.Rule)
	}
	if got := c.Frame.y1; got != 100*2./3 {
		t.Errorf("the highest bar is %v %%", got)
	}
	// All scores alike, no labels, no threshold.
	c = histogram([]float64{3, 3}, nil, math.NaN())
	if len(c.Bars) != 1 || c.Rule != nil || len(c.Legend) != 1 || c.Legend[0].Text != "2 images, % of them" {
		t.Errorf("%+v", c)
	}
}

func TestROCChart(t *testing.T) {
	scores, anomalous := []float64{0, 1, 2, 3}, []bool{false, true, false, true}
	c, err := rocChart(scores, anomalous, 2.5)
	if err != nil {
		t.Fatal(err)
	}
	// Up by half, right by half, up, right.
	if want := "M48 220L48 116L218 116L218 12L388 12"; c.Paths[1].D != want {
		t.Errorf("%s, want %s", c.Paths[1].D, want)
	}
	if c.Dot.X != "48" || c.Dot.Y != "116" || c.Dot.About != "the threshold recalls 50.0 % of the anomalies at 0.0 % false alarms" {
		t.Errorf("%+v", *c.Dot)
	}
	if !strings.HasPrefix(c.Title, "ROC curve, area 75.0 % (") {
		t.Error(c.Title)
	}
}

func TestLogPlot(t *testing.T) {
	l, err := ReadLog(strings.NewReader("step,loss,note\n0,2.5,begin\n10,,\n20,1e-3,\"a, b\"\n"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := l.Plot("Loss", "step", "loss")
	if err != nil || p.Title != "Loss" || p.X != "step" || len(p.Lines) != 1 {
		t.Fatalf("%+v, %v", p, err)
	}
	if l := p.Lines[0]; fmt.Sprint(l.Name, " ", l.X, l.Y) != "loss [0 10 20] [2.5 NaN 0.001]" {
		t.Errorf("%+v", l)
	}
	for want, f := range map[string]func() error{
		`report: training log: no column "lr" among step, loss, note`:           func() error { _, err := l.Plot("", "step", "lr"); return err },
		`report: training log: no column "epoch" among step, loss, note`:        func() error { _, err := l.Plot("", "epoch", "loss"); return err },
		`report: training log: row 1, column "note": "begin" is no number`:      func() error { _, err := l.Plot("", "step", "note"); return err },
		`report: training log: empty: want a first line that names the columns`: func() error { _, err := ReadLog(strings.NewReader("")); return err },
		`report: training log: record on line 2: wrong number of fields`:        func() error { _, err := ReadLog(strings.NewReader("a,b\n1\n")); return err },
	} {
		if err := f(); err == nil || err.Error() != want {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}

func TestLogPlots(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log.csv")
	if err := os.WriteFile(path, []byte("step,loss,rate\n0,2,0.1\n1,1,0.2\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	l, err := ReadLogFile(path)
	if err != nil {
		t.Fatal(err)
	}
	plots, err := l.Plots("step", "rate", "loss")
	got := ""
	for _, p := range plots {
		got += fmt.Sprintf("%s %s %s %v %v; ", p.Title, p.X, p.Lines[0].Name, p.Lines[0].X, p.Lines[0].Y)
	}
	if err != nil || got != "rate step rate [0 1] [0.1 0.2]; loss step loss [0 1] [2 1]; " {
		t.Errorf("%s, %v", got, err)
	}
	if _, err := l.Plots("step", "rate", "spread"); err == nil {
		t.Error("a chart of a column that is not there")
	}
	if _, err := ReadLogFile(path + "x"); !os.IsNotExist(err) {
		t.Errorf("a file that is not there: %v", err)
	}
}
