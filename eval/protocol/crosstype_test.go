package protocol

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"anomem/imageio"
)

// videos writes a table of normal images and of three kinds of anomalies, each with four groups of
// two images, half of which are tested if there is a split. The value of an image tells which it is.
func videos(t *testing.T, split bool) string {
	t.Helper()
	dir := t.TempDir()
	table := "path,label,split,group\n"
	for c, label := range []string{"normal", "print", "screen", "mask"} {
		for k := range 8 {
			img := imageio.NewImage(4, 4)
			for i := range img.Pix {
				img.Pix[i] = byte(20*c + k)
			}
			name := fmt.Sprintf("%s%d.png", label, k)
			if err := imageio.WritePNG(filepath.Join(dir, name), img.ToImage()); err != nil {
				t.Fatal(err)
			}
			part := ""
			if split {
				part = []string{"train", "test"}[k/4]
			}
			table += fmt.Sprintf("%s,%s,%s,%s%d\n", name, label, part, label, k/2)
		}
	}
	path := filepath.Join(dir, "table.csv")
	if err := os.WriteFile(path, []byte(table), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// No known anomaly is of the unseen kind, which alone is tested; scores are those of groups.
func TestCrossType(t *testing.T) {
	for _, split := range []bool{true, false} {
		g := grid(CrossType, videos(t, split))
		g.Gammas = []float64{0, 0.4}
		plan := mustPlan(t, g)
		var tasks []string
		for _, run := range plan {
			tasks = append(tasks, fmt.Sprint(run.Gamma, run.Task))
			var s seen
			r, err := Execute(context.Background(), &run, Options{Threads: 1, New: looker(&s)})
			if err != nil {
				t.Fatal(err)
			}
			anomalous, images := 2, 4
			if !split {
				anomalous, images = 4, 8
			}
			if run.Unseen == "" {
				anomalous, images = 3*anomalous, 3*images
			}
			if got := r.Anomalous; got != images {
				t.Errorf("split %v, %s: tested on %d anomalies", split, run.Task, got)
			}
			total := 0
			for _, c := range r.Scores {
				if c.Anomalous {
					total += len(c.Scores)
					if run.Unseen != "" && c.Name != run.Unseen {
						t.Errorf("%s: anomalies of %s are tested", run.Task, c.Name)
					}
				}
			}
			if total != anomalous {
				t.Errorf("split %v, %s: %d scores of groups, want %d", split, run.Task, total, anomalous)
			}
			if run.Gamma > 0 && s.anomalous == 0 {
				t.Errorf("%s: no known anomaly", run.Task)
			}
			first := map[string]int{"print": 20, "screen": 40, "mask": 60}[run.Unseen]
			for _, name := range s.images {
				for v := first; run.Unseen != "" && v < first+8; v++ {
					if strings.HasPrefix(name, fmt.Sprintf("4 4 [%d ", v)) {
						t.Errorf("%s: an image of it is trained on", run.Task)
					}
				}
			}
		}
		if got := strings.Join(tasks, " "); got != "0all 0.4mask 0.4print 0.4screen" {
			t.Errorf("tasks %s", got)
		}
	}
}

// Means are those of each group of a class; an image without a group stands alone.
func TestGroups(t *testing.T) {
	var s groups
	for i, k := range []groupKey{{"a", "v", true}, {"b", "v", true}, {"a", "v", true}, {"a", "", true}, {"a", "", true}, {"b", "w", true}} {
		s.add(k, float64(i))
	}
	var to byClass
	s.flush(&to)
	if got := fmt.Sprint(to.all()); got != "[{a true [1 3 4]} {b true [1 5]}]" {
		t.Error(got)
	}
}

func TestCrossTypeRefuses(t *testing.T) {
	g := grid(CrossType, videos(t, true))
	g.Gammas, g.Known = []float64{0.2}, "print"
	if _, err := g.Plan(); err == nil || !strings.Contains(err.Error(), "known anomalies are of another") {
		t.Errorf("known anomalies of the unseen kind: %v", err)
	}
	g = grid(CrossType, filepath.Join(parts(t, "one"), "one"))
	g.Normal = nil
	if plan, err := g.Plan(); err != nil || len(plan) != 1 || plan[0].Task != allKinds {
		t.Errorf("kinds of defects: %+v, %v", plan, err)
	}
	if err := (&Run{Protocol: OneVsAll, Data: Data{Path: "a"}, Detector: "pca", Unseen: "b"}).check(); err == nil {
		t.Error("an unseen class of one-vs-all")
	}
}
