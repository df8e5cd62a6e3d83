package protocol

import (
	"bytes"
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"anomem/baseline"
	"anomem/dataset"
	"anomem/imageio"
)

// stub scores by the first red value, after what fit does.
type stub struct {
	fit   func(ctx context.Context, src dataset.Source, o baseline.Options) error
	score func(img *imageio.Image) float64
}

func (*stub) Name() string { return "stub" }
func (s *stub) Fit(ctx context.Context, src dataset.Source, o baseline.Options) error {
	return s.fit(ctx, src, o)
}
func (s *stub) Score(img *imageio.Image) float64 { return s.score(img) }
func (*stub) Map(*imageio.Image) *imageio.Map    { return nil }

// stubs returns detectors: ok, and others that fail in their ways.
func stubs(id string) (baseline.Detector, error) {
	s := &stub{
		fit:   func(context.Context, dataset.Source, baseline.Options) error { return nil },
		score: func(img *imageio.Image) float64 { return -float64(img.Pix[0]) },
	}
	switch id {
	case "ok":
	case "failing":
		s.fit = func(context.Context, dataset.Source, baseline.Options) error { return errors.New("it cannot") }
	case "panicking":
		s.score = func(*imageio.Image) float64 { panic("no score") }
	case "lost":
		s.score = func(*imageio.Image) float64 { return math.NaN() }
	default:
		return nil, errors.New("no such stub")
	}
	return s, nil
}

// Runs that fail, panic or give no numbers stop no other. Their logs say why, and they are
// made again.
func TestFailuresStopNoOther(t *testing.T) {
	g := grid(OneVsAll, classes(t, 5))
	g.Detectors, g.New, g.Normal = []string{"failing", "panicking", "lost", "ok"}, stubs, []string{"cat"}
	plan := mustPlan(t, g)
	dir := filepath.Join(t.TempDir(), "out")
	var told []Progress
	r := &Runner{Dir: dir, Jobs: 2, Options: Options{Threads: 2, New: stubs}, OnRun: func(p Progress) { told = append(told, p) }}
	for round := range 2 {
		out, err := r.Run(context.Background(), plan)
		if err != nil || len(out.Failed) != 3 || out.Done+out.Found != 1 || out.Found != round || len(out.Skipped) != 0 {
			t.Fatalf("%+v, %v", out, err)
		}
	}
	if last := told[len(told)-1]; len(told) != 7 || last.Total != 4 || last.Failed != 3 || last.Done != 1 {
		t.Errorf("%d told, the last %+v", len(told), last)
	}
	for i, want := range []string{"it cannot", "protocol: detector panicking panics: no score", "eval: score 0 of 12 is NaN", ""} {
		if got := LogError(dir, &plan[i]); got != want {
			t.Errorf("%s: %q, want %q", plan[i].Detector, got, want)
		}
	}
	results, missing, err := ReadResults(dir)
	if err != nil || len(results) != 1 || len(missing) != 3 || results[0].Run.Detector != "ok" {
		t.Errorf("%d results, %d missing, %v", len(results), len(missing), err)
	}
}

// An interrupt gives up what is being run, and skips the rest.
func TestInterrupt(t *testing.T) {
	g := grid(OneVsAll, classes(t, 5))
	ctx, cancel := context.WithCancel(context.Background())
	var begun atomic.Int32
	g.New = func(string) (baseline.Detector, error) {
		return &stub{fit: func(ctx context.Context, _ dataset.Source, _ baseline.Options) error {
			begun.Add(1)
			cancel()
			return ctx.Err()
		}}, nil
	}
	plan := mustPlan(t, g)
	dir := t.TempDir()
	out, err := (&Runner{Dir: dir, Options: Options{New: g.New}}).Run(ctx, plan)
	if !errors.Is(err, context.Canceled) || begun.Load() != 1 || len(out.Failed) != 0 || len(out.Skipped) != 2 {
		t.Errorf("%+v, %v, %d begun", out, err, begun.Load())
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "results", "*")); len(left) > 0 {
		t.Errorf("left %v", left)
	}
}

// A result that another process wrote in the meantime stays.
func TestFirstResultStays(t *testing.T) {
	g := grid(OneVsAll, classes(t, 5))
	g.Normal, g.New = []string{"dog"}, stubs
	g.Detectors = []string{"ok"}
	plan := mustPlan(t, g)
	dir := t.TempDir()
	other, err := Execute(context.Background(), &plan[0], Options{New: stubs, Version: "other"})
	if err != nil {
		t.Fatal(err)
	}
	text, err := other.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	racing := func(id string) (baseline.Detector, error) {
		d, err := stubs(id)
		d.(*stub).fit = func(context.Context, dataset.Source, baseline.Options) error {
			return os.WriteFile(ResultPath(dir, &plan[0]), text, 0o666)
		}
		return d, err
	}
	var got *Result
	r := &Runner{Dir: dir, Options: Options{New: racing, Version: "ours"}, OnRun: func(p Progress) { got = p.Result }}
	if out, err := r.Run(context.Background(), plan); err != nil || out.Done != 1 || got.Version != "other" {
		t.Errorf("%+v, %+v, %v", out, got, err)
	}
	if after, err := os.ReadFile(ResultPath(dir, &plan[0])); err != nil || !bytes.Equal(after, text) {
		t.Errorf("the result was replaced: %v", err)
	}
	// What is no result of the run is not passed over.
	if err := os.WriteFile(ResultPath(dir, &plan[0]), []byte("{}"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Run(context.Background(), plan); err == nil || !strings.Contains(err.Error(), "remove it, and the run is made again") {
		t.Errorf("a file that is no result: %v", err)
	}
}

// Merging takes results from anywhere, and refuses two that differ.
func TestMerge(t *testing.T) {
	g := grid(OneVsAll, classes(t, 5))
	plan := mustPlan(t, g)
	root := t.TempDir()
	at := func(name string) string { return filepath.Join(root, name) }
	for i, node := range []string{"a", "b", "b"} {
		r := &Runner{Dir: at(node), Options: Options{Version: "1"}}
		if _, err := r.RunOne(context.Background(), plan, i); err != nil {
			t.Fatal(err)
		}
	}
	n, missing, err := Merge(at("half"), []string{at("a")}, nil)
	if err != nil || n != 1 || len(missing) != 2 {
		t.Errorf("%d merged, %d missing, %v", n, len(missing), err)
	}
	if n, missing, err = Merge(at("half"), []string{at("b"), at("a")}, nil); err != nil || n != 3 || len(missing) != 0 {
		t.Errorf("%d merged, %d missing, %v", n, len(missing), err)
	}
	if n, missing, err = Merge(at("some"), []string{at("b"), at("a")}, plan[:1]); err != nil || n != 1 || len(missing) != 0 {
		t.Errorf("%d merged, %d missing, %v", n, len(missing), err)
	}
	if _, err := (&Runner{Dir: at("c"), Options: Options{Version: "2"}}).RunOne(context.Background(), plan, 0); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Merge(at("half"), []string{at("c")}, nil); err == nil || !strings.Contains(err.Error(), "have different results of meancolour-cat-") {
		t.Errorf("results that differ: %v", err)
	}
	if _, _, err := Merge(at("half"), []string{root}, nil); err == nil || !strings.Contains(err.Error(), "has no plan.json") {
		t.Errorf("a folder without a plan: %v", err)
	}
	if _, err := (&Runner{Dir: at("d")}).RunOne(context.Background(), plan, 3); err == nil || !strings.Contains(err.Error(), "runs 0 to 2") {
		t.Errorf("run 3 of 3: %v", err)
	}
}
