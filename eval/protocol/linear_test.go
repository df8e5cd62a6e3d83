package protocol

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"anomem/baseline"
	"anomem/dataset"
	"anomem/imageio"
	"anomem/nn/rng"
	"anomem/simd/pool"
)

// blobs returns n rows of each of three classes, around (2, 0), (0, 2) and (0, 0), and a third
// feature that is the same in all.
func blobs(seed uint64, n int, spread float64) (rows []float32, class []int) {
	r := rng.New(seed)
	for i := range 3 * n {
		k := i % 3
		x, y := 0., 0.
		switch k {
		case 0:
			x = 2
		case 1:
			y = 2
		}
		rows = append(rows, float32(x+spread*r.Norm()), float32(y+spread*r.Norm()), 7)
		class = append(class, k)
	}
	return rows, class
}

// Classes that do not overlap are all told; of those that do, the loss has its minimum, where the
// gradient is 0.
func TestLogistic(t *testing.T) {
	rows, class := blobs(1, 100, 0.2)
	l, err := fitLogistic(context.Background(), rows, 3, class, 3, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	others, want := blobs(2, 50, 0.2)
	if got := l.classes(others); !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
	rows, class = blobs(3, 80, 1.5)
	if l, err = fitLogistic(context.Background(), rows, 3, class, 3, 1, nil); err != nil {
		t.Fatal(err)
	}
	after := l.slope(rows, class)
	clear(l.layer.Weight.Data())
	if before := l.slope(rows, class); after > 1e-3*before {
		t.Errorf("the loss has the slope %v where it was trained, and %v without weights", after, before)
	}
}

// slope returns the largest derivative of the mean cross-entropy by a weight, by its definition.
func (l *logistic) slope(rows []float32, class []int) float64 {
	x, c := l.standard(rows), len(l.mean)
	w, b := l.layer.Weight.Data(), l.layer.Bias.Data()
	sum := make([]float64, len(w))
	for i, k := range class {
		p, total := make([]float64, len(b)), 0.
		for j := range p {
			v := float64(b[j])
			for d := range c {
				v += float64(w[j*c+d]) * float64(x[i*c+d])
			}
			p[j] = math.Exp(v)
			total += p[j]
		}
		for j := range p {
			off := p[j] / total
			if j == k {
				off--
			}
			for d := range c {
				sum[j*c+d] += off * float64(x[i*c+d]) / float64(len(class))
			}
		}
	}
	most := 0.
	for _, v := range sum {
		most = max(most, math.Abs(v))
	}
	return most
}

func TestLogisticSameBits(t *testing.T) {
	rows, class := blobs(1, 200, 1) // more than a batch
	var before []float32
	for _, threads := range []int{1, 3} {
		p := pool.New(threads)
		defer p.Close()
		l, err := fitLogistic(context.Background(), rows, 3, class, 3, 5, p)
		if err != nil {
			t.Fatal(err)
		}
		if w := l.layer.Weight.Data(); before != nil && !slices.Equal(w, before) {
			t.Errorf("%v on %d threads, %v on one", w, threads, before)
		}
		before = l.layer.Weight.Data()
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := fitLogistic(ctx, rows, 3, class, 3, 5, nil); err != context.Canceled {
		t.Error(err)
	}
}

// colours is a detector whose features are the shares of the three colours.
type colours struct {
	baseline.Detector
	learned int
}

func (*colours) Name() string { return "colours" }

func (c *colours) Set(string) error { return nil }

func (c *colours) Fit(_ context.Context, src dataset.Source, _ baseline.Options) error {
	c.learned = src.Len()
	if dataset.Anomalies(src) > 0 {
		return fmt.Errorf("%d anomalies", dataset.Anomalies(src))
	}
	return nil
}

func (c *colours) Features(imgs []*imageio.Image) (rows [][]float32) {
	for _, img := range imgs {
		row, all := make([]float32, 3), float32(0)
		for i, v := range img.Pix {
			row[i%3] += float32(v)
			all += float32(v)
		}
		for k := range row {
			row[k] /= all
		}
		rows = append(rows, row)
	}
	return rows
}

// The classes of the pictures differ in colour, by which a linear classifier tells most of those
// that were held out; of three classes, chance would tell a third. Nothing of a result is of
// anomalies.
func TestLinear(t *testing.T) {
	d := new(colours)
	g := grid(LinearEvaluation, classes(t, 10))
	g.Detectors, g.New = []string{"anomem"}, func(string) (baseline.Detector, error) { return d, nil }
	plan := mustPlan(t, g)
	if len(plan) != 4 || plan[0].Value != "no memory, last scale" || !slices.Equal(plan[0].Normal, []string{"cat", "dog", "owl"}) {
		t.Fatalf("%+v", plan)
	}
	r, err := Execute(context.Background(), &plan[0], Options{Threads: 2, New: g.New})
	if err != nil {
		t.Fatal(err)
	}
	if d.learned != 21 || r.Normal != 9 || r.Linear.Features != 3 || r.Linear.Accuracy < 0.75 || r.Linear.Classes[1].Name != "dog" {
		t.Errorf("learned from %d, %+v, %+v", d.learned, r, r.Linear)
	}
	text, err := r.Marshal()
	if err != nil || strings.Contains(string(text), "auroc") {
		t.Errorf("%s, %v", text, err)
	}
	if back, err := ParseResult(text); err != nil || back.Linear.Accuracy != r.Linear.Accuracy {
		t.Errorf("%+v, %v", back, err)
	}
	plan[0].Train = 6 // evenly spaced, of all classes
	if r, err = Execute(context.Background(), &plan[0], Options{New: g.New}); err != nil || d.learned != 6 || len(r.Linear.Classes) != 3 {
		t.Fatalf("learned from %d, %+v, %v", d.learned, r, err)
	}
	if name, value := r.Figure(); name != "accuracy" || value != r.Linear.Accuracy {
		t.Errorf("%s %v", name, value)
	}
	if _, err := Execute(context.Background(), &plan[0], Options{New: func(string) (baseline.Detector, error) { return stubs("ok") }}); err == nil {
		t.Error("a detector without features")
	}
}

// A class that was not learned counts as told wrong, and each that was has its own accuracy.
func TestLinearCount(t *testing.T) {
	var l Linear
	l.count([]string{"a", "b"}, []int{0, 1, 1, 1}, []int{0, 0, 1, -1})
	if l.Accuracy != 0.5 || l.Classes[0] != (LinearAccuracy{"a", 2, 0.5}) || l.Classes[1] != (LinearAccuracy{"b", 1, 1}) {
		t.Errorf("%+v", l)
	}
}

// A table has accuracies alone, and the paper's of CIFAR-10.
func TestLinearTable(t *testing.T) {
	var all []*Result
	for _, row := range representations() {
		r := result("anomem", "set", 0, 1, 1, 0)
		r.Run.Protocol, r.Run.Vary, r.Run.Value, r.Layout, r.Metrics, r.Kinds = LinearEvaluation, Row, row.name, "cifar10", Metrics{}, nil
		r.Linear = &Linear{Accuracy: 0.5}
		all = append(all, r)
	}
	tables, err := Tables(Summarise(all), "")
	if err != nil || len(tables) != 1 || !strings.HasPrefix(tables[0].Caption, "linear, set: accuracy in %") {
		t.Fatalf("%+v, %v", tables, err)
	}
	rows := tables[0].Rows
	if len(rows) != 7 || rows[1][0] != "the anomem no memory, all scales" || rows[1][2] != "50.0" || rows[4][2] != "88.2" {
		t.Errorf("%v", rows)
	}
	page, err := Page(all, nil, "")
	if err != nil || len(page.Sections) != 1 || len(page.Sections[0].Plots) != 0 {
		t.Errorf("%+v, %v", page, err)
	}
}

func TestLinearRefuses(t *testing.T) {
	set := classes(t, 2)
	for want, change := range map[string]func(g *Grid){
		"linear changes anomem alone, not pca": func(g *Grid) { g.Detectors = []string{"pca"} },
		"name no normal ones":                  func(g *Grid) { g.Normal = []string{"cat"} },
		"the protocol linear has no anomalies": func(g *Grid) { g.Gammas = []float64{0.1} },
		"only the protocol sweep has":          func(g *Grid) { g.Vary = "memory.beta=1" },
	} {
		g := grid(LinearEvaluation, set)
		g.Detectors = []string{"anomem"}
		change(&g)
		if plan, err := g.Plan(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%d runs, %v, want %q", len(plan), err, want)
		}
	}
}
