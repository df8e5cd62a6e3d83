package protocol

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"anomem/imageio"
	"anomem/synthetic"
)

// classes writes a folder of three classes without a test split, n pictures each.
func classes(t *testing.T, n int) string {
	t.Helper()
	root := filepath.Join(t.TempDir(), "set")
	for c, name := range []string{"cat", "dog", "owl"} {
		dir := filepath.Join(root, name)
		if err := os.MkdirAll(dir, 0o777); err != nil {
			t.Fatal(err)
		}
		for i := range n {
			img := synthetic.Options{Scene: synthetic.Texture}.Normal(uint64(c+1), i).Image
			for k := c; k < len(img.Pix); k += 3 { // each has its colour
				img.Pix[k] /= 2
			}
			if err := imageio.WritePNG(filepath.Join(dir, string(rune('a'+i))+".png"), img.ToImage()); err != nil {
				t.Fatal(err)
			}
		}
	}
	return root
}

// parts writes industrial sets of so many objects.
func parts(t *testing.T, names ...string) string {
	t.Helper()
	root := filepath.Join(t.TempDir(), "sets")
	for i, name := range names {
		if err := synthetic.WriteFolder(context.Background(), filepath.Join(root, name), synthetic.Options{}, uint64(i+1), synthetic.Counts{Train: 8, Good: 4, Each: 2}); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func grid(protocol, path string) Grid {
	return Grid{Protocol: protocol, Data: Data{Path: path}, Gammas: []float64{0}, Draws: 1, Seeds: 1, Detectors: []string{"meancolour"}}
}

func mustPlan(t *testing.T, g Grid) []Run {
	t.Helper()
	plan, err := g.Plan()
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// The first runs of a plan are a whole repetition.
func TestPlanOneVsAll(t *testing.T) {
	g := grid(OneVsAll, classes(t, 2))
	g.Gammas, g.Draws, g.Seeds, g.Detectors = []float64{0, 0.1}, 2, 2, []string{"pca", "meancolour"}
	plan := mustPlan(t, g)
	var got []string
	for _, r := range plan[:13] {
		got = append(got, runKey(r))
	}
	want := "0 1 1 cat pca; 0 1 1 cat meancolour; 0 1 1 dog pca; 0 1 1 dog meancolour; 0 1 1 owl pca; 0 1 1 owl meancolour; " +
		"0.1 1 1 cat pca; 0.1 1 1 cat meancolour; 0.1 1 1 dog pca; 0.1 1 1 dog meancolour; 0.1 1 1 owl pca; 0.1 1 1 owl meancolour; 0.1 2 1 cat pca"
	if strings.Join(got, "; ") != want {
		t.Errorf("%s", strings.Join(got, "; "))
	}
	if len(plan) != 2*(6+12) || len(Distinct(append(plan, plan...))) != len(plan) {
		t.Errorf("%d runs, %d of them distinct", len(plan), len(Distinct(plan)))
	}
	g.Normal, g.Known = []string{"owl"}, "cat"
	plan = mustPlan(t, g)
	if len(plan) != 2*(2+4) || plan[0].Known != "" || plan[2].Known != "cat" || plan[2].Normal[0] != "owl" {
		t.Errorf("%d runs, %+v, %+v", len(plan), plan[0], plan[2])
	}
}

func runKey(r Run) string {
	return fmt.Sprint(r.Gamma, r.Draw, r.Seed, " ", r.Task, " ", r.Detector)
}

func TestPlanRefuses(t *testing.T) {
	set := classes(t, 2)
	object := parts(t, "one")
	for want, change := range map[string]func(g *Grid){
		"needs a detector":                     func(g *Grid) { g.Detectors = nil },
		"protocol \"all\": want one-vs-all":    func(g *Grid) { g.Protocol = "all" },
		"did you mean pca?":                    func(g *Grid) { g.Detectors = []string{"pcs"} },
		"\"emu\" is no class of":               func(g *Grid) { g.Normal = []string{"emu"} },
		"\"gnu\" is no class of":               func(g *Grid) { g.Known = "gnu" },
		"where it is the normal one":           func(g *Grid) { g.Known = "cat" },
		"a share 1 of known anomalies":         func(g *Grid) { g.Gammas = []float64{1} },
		"the protocol one-vs-all has none":     func(g *Grid) { g.Out = []Data{{Path: set}} },
		"none can be drawn where":              func(g *Grid) { g.Protocol, g.Out, g.Gammas = OOD, []Data{{Path: set}}, []float64{0.1} },
		"name the normal classes of":           func(g *Grid) { g.Protocol = OOD },
		"none of the detectors takes settings": func(g *Grid) { g.Set = []string{"preset=quick"} },
		"a budget of -1s":                      func(g *Grid) { g.Budget = Duration(-time.Second) },
		"the names of the folders say which":   func(g *Grid) { g.Protocol, g.Normal = Folder, []string{"cat"} },
		"which class is normal?":               func(g *Grid) { g.Protocol = Folder },
		"/cat has 0":                           func(g *Grid) { g.Data.Path = filepath.Join(set, "cat") },
		"only the protocol sweep has one":      func(g *Grid) { g.Vary = "nu=0.1" },
		"want NAME=VALUE,VALUE":                func(g *Grid) { g.Protocol = Sweep },
		"meancolour takes no settings":         func(g *Grid) { g.Protocol, g.Vary = Sweep, "nu=0.1" },
		"setting nu: ":                         func(g *Grid) { g.Protocol, g.Vary, g.Detectors = Sweep, "nu=0.1,x", []string{"ocsvm"} },
		"no such file":                         func(g *Grid) { g.Data.Path = filepath.Join(object, "two") },
	} {
		g := grid(OneVsAll, set)
		change(&g)
		if plan, err := g.Plan(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%d runs, %v, want %q", len(plan), err, want)
		}
	}
}

func TestPlanFolderAndOOD(t *testing.T) {
	root := parts(t, "one", "two")
	plan := mustPlan(t, grid(Folder, root))
	if len(plan) != 2 || plan[0].Task != "one" || plan[1].Task != "two" || plan[1].Data.Path != filepath.Join(root, "two") || plan[1].Source != "sets" {
		t.Errorf("%+v", plan)
	}
	g := grid(OOD, classes(t, 2))
	g.Out = []Data{{Path: filepath.Join(root, "one")}}
	if plan := mustPlan(t, g); len(plan) != 1 || len(plan[0].Normal) != 3 || plan[0].Task != "set" || plan[0].source() != "set against one" {
		t.Errorf("%+v", plan)
	}
}

// A sweep has a run for each value, which its settings hold beside others.
func TestPlanSweep(t *testing.T) {
	g := grid(Sweep, classes(t, 2))
	g.Detectors, g.Vary, g.Set, g.Normal = []string{"ocsvm"}, "nu=0.05,0.5", []string{"side=16"}, []string{"cat"}
	plan := mustPlan(t, g)
	if len(plan) != 2 || plan[1].Vary != "nu" || plan[1].Value != "0.5" || strings.Join(plan[1].Set, " ") != "side=16 nu=0.5" || strings.Join(plan[0].Set, " ") != "side=16 nu=0.05" {
		t.Errorf("%+v", plan)
	}
	plan[0].Vary = ""
	if err := plan[0].check(); err == nil {
		t.Error("a run of a sweep without a setting")
	}
}

// A plan is the same after it was written and read, a run a line.
func TestPlanAsText(t *testing.T) {
	g := grid(OneVsAll, classes(t, 2))
	g.Detectors, g.Set, g.Budget = []string{"pca", "anomem"}, []string{"preset=quick"}, Duration(90*time.Second)
	g.Data.Columns, g.Data.Grey, g.Data.Side, g.Train, g.Test = map[string]string{"path": "image"}, true, 16, 5, 6
	plan := mustPlan(t, g)
	if plan[0].Set != nil || len(plan[1].Set) != 1 {
		t.Errorf("settings %v of pca, %v of anomem", plan[0].Set, plan[1].Set)
	}
	text, err := MarshalPlan(plan)
	if err != nil || strings.Count(string(text), "\n") != len(plan)+2 || !strings.Contains(string(text), `"budget":"1m30s"`) {
		t.Errorf("%s, %v", text, err)
	}
	again, err := ParsePlan(text)
	if err != nil || !reflect.DeepEqual(again, plan) || again[0].Name() != plan[0].Name() {
		t.Errorf("%+v, %v", again, err)
	}
	if text, err := MarshalPlan(nil); err != nil || string(text) != "[\n]\n" {
		t.Errorf("no run: %q, %v", text, err)
	}
	for text, want := range map[string]string{
		`[]{}`:                    "more after the list",
		`{}`:                      "not a plan",
		`[{"protocol":"folder"}]`: "run 0 of the plan: no path of the data",
		`[{"budget":"5"}]`:        "missing unit",
	} {
		if _, err := ParsePlan([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// Whatever a text is, reading it fails or gives runs that are written and read alike.
func FuzzParsePlan(f *testing.F) {
	f.Add([]byte(`[{"protocol":"ood","data":{"path":"a"},"out":[{"path":"b"}],"detector":"pca","gamma":0,"draw":1,"seed":18446744073709551615,"budget":"1h"}]`))
	f.Add([]byte(`[{"protocol":"folder","data":{"path":"\u0000","side":1e3},"detector":"\ud800","gamma":1e-300}]`))
	f.Fuzz(func(t *testing.T, text []byte) {
		plan, err := ParsePlan(text)
		if err != nil {
			return
		}
		again, err := MarshalPlan(plan)
		if err != nil {
			t.Fatal(err)
		}
		same, err := ParsePlan(again)
		if err != nil || len(same) != len(plan) {
			t.Fatalf("%s: %v", again, err)
		}
		for i := range plan {
			if name := plan[i].Name(); name != same[i].Name() || strings.ContainsAny(name, `/\`) || len(name) > 100 {
				t.Fatalf("names %q and %q", name, same[i].Name())
			}
		}
	})
}

// An ablation has a run for each row, of the project's model alone, whose settings stand beside
// those that were asked for.
func TestPlanAblation(t *testing.T) {
	g := grid(Ablation, classes(t, 2))
	g.Detectors, g.Normal, g.Set = []string{"anomem"}, []string{"cat"}, []string{"preset=quick"}
	plan := mustPlan(t, g)
	names := map[string]bool{}
	for _, r := range plan {
		names[r.Value] = true
		if r.Vary != Row || r.Set[0] != "preset=quick" || r.Set[1] != "train.uncontrasted=false" || r.variant(true) != "anomem "+r.Value {
			t.Errorf("%+v", r)
		}
	}
	if len(names) != len(plan) || len(plan) != len(ablations()) {
		t.Errorf("%d rows in %d runs", len(names), len(plan))
	}
	for want, change := range map[string]func(g *Grid){
		"changes anomem alone, not pca": func(g *Grid) { g.Detectors, g.Set = []string{"pca"}, nil },
		"only the protocol sweep has":   func(g *Grid) { g.Vary = "memory.beta=1" },
	} {
		g := g
		change(&g)
		if _, err := g.Plan(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// Of several normal classes, the images trained on are of all, however few there are.
func TestFewOfSeveralClasses(t *testing.T) {
	g := grid(OOD, classes(t, 10))
	g.Out, g.Train = []Data{{Path: filepath.Join(parts(t, "one"), "one")}}, 6
	plan := mustPlan(t, g)
	im, err := plan[0].open(context.Background(), 1, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	n := map[string]int{}
	for k := range im.learn.Len() {
		n[im.class(k)]++
	}
	if im.learn.Len() != 6 || len(n) != 3 {
		t.Errorf("%d images to train on, of classes %v; want 6 of 3", im.learn.Len(), n)
	}
}
