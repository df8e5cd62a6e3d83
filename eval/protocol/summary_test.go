package protocol

import (
	"math"
	"strings"
	"testing"
	"time"
)

// result returns a result with an AUROC.
func result(detector, task string, gamma float64, draw, seed uint64, auroc float64) *Result {
	return &Result{
		Run:     Run{Protocol: OneVsAll, Source: "set", Task: task, Detector: detector, Gamma: gamma, Draw: draw, Seed: seed},
		Title:   "the " + detector,
		Metrics: Metrics{AUROC: auroc, FPR95: 1 - auroc},
		Kinds:   []Kind{{"dent", 3, auroc}},
	}
}

// Means are over tasks of means over runs, and the spread is that of whole repetitions.
func TestSummarise(t *testing.T) {
	all := Summarise([]*Result{
		result("a", "cat", 0, 1, 1, 0.9), result("a", "dog", 0, 1, 1, 0.5),
		result("a", "cat", 0, 1, 2, 0.7), result("a", "dog", 0, 1, 2, 0.6),
		result("a", "cat", 0, 1, 3, 1), // without a dog: no whole repetition
		result("a", "cat", 0.1, 1, 1, 0.95),
		result("b", "cat", 0, 1, 1, 0.4),
	})
	if len(all) != 3 {
		t.Fatalf("%d summaries", len(all))
	}
	s := all[0]
	cat, dog := (0.9+0.7+1)/3, 0.55
	if s.Runs != 5 || math.Abs(s.Mean-(cat+dog)/2) > 1e-15 || s.Worst.Name != "dog" || math.Abs(s.Worst.AUROC-dog) > 1e-15 || s.Title != "the a" {
		t.Errorf("%+v", s)
	}
	if want := 0.05 / math.Sqrt2; s.Spread == nil || math.Abs(*s.Spread-want) > 1e-15 { // of 0.7 and 0.65
		t.Errorf("spread %v, want %v", *s.Spread, want)
	}
	if math.Abs(s.FPR95-(1-(cat+dog)/2)) > 1e-15 || s.PRO != nil || s.Tasks[0].Kinds[0] != (Kind{"dent", 3, cat}) {
		t.Errorf("%+v", s)
	}
	if all[1].Gamma != 0.1 || all[1].Spread != nil || all[2].Detector != "b" {
		t.Errorf("%+v, %+v", all[1], all[2])
	}
}

// A detector that ran with several budgets or settings has a row for each, which says them.
func TestVariantsHaveRowsOfTheirOwn(t *testing.T) {
	short, long := result("a", "cat", 0, 1, 1, 0.9), result("a", "cat", 0, 1, 1, 0.8)
	short.Run.Budget, long.Run.Budget = Duration(90*time.Second), Duration(2*time.Hour)
	long.Run.Set = []string{"preset=quick"}
	all := Summarise([]*Result{short, long, result("b", "cat", 0, 1, 1, 0.5)})
	if len(all) != 3 || all[0].Title != "the a 1m30s" || all[1].Title != "the a preset=quick 2h" || all[2].Title != "the b" {
		t.Errorf("%q, %q, %q", all[0].Title, all[1].Title, all[2].Title)
	}
}

func TestTables(t *testing.T) {
	all := Summarise([]*Result{
		result("a", "cat", 0, 1, 1, 0.9), result("a", "dog", 0, 1, 1, 0.5),
		result("b", "cat", 0, 1, 1, 0.6), result("b", "dog", 0, 1, 1, 0.6),
		result("b", "dog", 0.1, 1, 1, 0.75),
	})
	tables, err := Tables(all, "b")
	if err != nil || len(tables) != 2 {
		t.Fatalf("%d tables, %v", len(tables), err)
	}
	var rows []string
	for _, row := range append([][]string{tables[0].Columns}, tables[0].Rows...) {
		rows = append(rows, strings.Join(row, "|"))
	}
	want := []string{
		"detector|γ|cat|dog|mean|spread|worst|runs|error less than b's by",
		"the a|0|90.0|50.0|70.0||dog 50.0|2|25.0",
		"the b|0|60.0|60.0|60.0||cat 60.0|2|",
		"the b|0.1||75.0|75.0||dog 75.0|1|",
	}
	if got := strings.Join(rows, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("%s", got)
	}
	if _, err := Tables(all, "c"); err == nil {
		t.Error("against a detector that has no result")
	}
}

// The paper's figures stand beside those of its protocol alone.
func TestQuotations(t *testing.T) {
	whole := func(n int, layout string) []*Summary {
		var all []*Result
		for i := range n {
			for _, gamma := range []float64{0, 0.05, 0.2} {
				r := result("deepsad", string(rune('a'+i)), gamma, 1, 1, 0.7)
				r.Layout = layout
				all = append(all, r)
			}
		}
		return Summarise(all)
	}
	for _, c := range []struct {
		tasks  int
		layout string
		want   []string
	}{
		{10, "cifar10", []string{"0 60.9", "0.05 77.9"}},
		{9, "cifar10", nil},
		{20, "cifar100", []string{"0 56.3", "0.05 71.6"}},
		{10, "classes", nil},
	} {
		tables, err := Tables(whole(c.tasks, c.layout), "")
		if err != nil {
			t.Fatal(err)
		}
		quoted := tables[0].Rows[3:]
		if len(quoted) != len(c.want) {
			t.Errorf("%d tasks of %s: %v", c.tasks, c.layout, quoted)
			continue
		}
		at := len(tables[0].Columns) - 4 // the mean
		for i, row := range quoted {
			if got := row[1] + " " + row[at]; row[0] != "DeepSAD (quoted from the paper)" || got != c.want[i] {
				t.Errorf("%d tasks of %s: %v, want %s", c.tasks, c.layout, row, c.want[i])
			}
		}
	}
}
