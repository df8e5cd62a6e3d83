package equations

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"

	"anomem/simd"
)

func TestChecks(t *testing.T) {
	count := map[string]int{}
	names := map[[2]string]bool{}
	for _, c := range Checks() {
		count[c.Family]++
		if id := [2]string{c.Family, c.Name}; names[id] {
			t.Errorf("two checks of %s are called %s", c.Family, c.Name)
		} else {
			names[id] = true
		}
		if err := c.Run(); err != nil {
			t.Errorf("%s: %s: %v", c.Family, c.Name, err)
		}
	}
	for family, least := range map[string]int{"equations/float64": 319, "equations/float32": 312, "gradients/equations": 17} {
		if count[family] < least {
			t.Errorf("%s: %d checks, want %d", family, count[family], least)
		}
	}
	t.Logf("%s: %v", simd.Level(), count)
}

// Every stored case is either checked in both types or skipped by name.
func TestEveryCaseIsCheckedOrSkipped(t *testing.T) {
	const float64s, float32s = "equations/float64", "equations/float32"
	seen := map[[2]string]int{}
	for _, c := range Checks() {
		seen[[2]string{c.Family, c.Name}]++
	}
	for _, s := range Skipped() {
		seen[[2]string{s.Family, s.Name}]++
		if s.Reason == "" {
			t.Errorf("%s: %s is skipped for no reason", s.Family, s.Name)
		}
	}
	all, err := fixtures()
	if err != nil {
		t.Fatal(err)
	}
	grads := 0
	for _, c := range comparisonsOf(all) {
		for _, family := range []string{float64s, float32s} {
			if n := seen[[2]string{family, c.name()}]; n != 1 {
				t.Errorf("%s: %s is checked or skipped %d times", family, c.name(), n)
			}
		}
		if c.grad {
			grads++
		}
	}
	if grads < 16 {
		t.Errorf("GradMultiScale is checked by %d cases, want 16", grads)
	}
	if n := len(Skipped()); n != 7 {
		t.Errorf("%d cases are checked in float64 alone, want 7: a new one needs a look", n)
	}
}

// The log says how near to the tolerances the errors are.
func TestLargestErrors(t *testing.T) {
	all, err := fixtures()
	if err != nil {
		t.Fatal(err)
	}
	report := func(name string, compare func(c comparison) (float64, error)) {
		var worst float64
		var at string
		for _, c := range comparisonsOf(all) {
			if name == "float32" && c.Float64Only != "" {
				t.Logf("SKIP: %s in float32: %s", c.name(), c.Float64Only)
				continue
			}
			if share, _ := compare(c); share > worst {
				worst, at = share, c.name()
			}
		}
		t.Logf("%s: at most %.2g of what is tolerated, by %s", name, worst, at)
		if worst > 1 {
			t.Errorf("%s exceeds its tolerance", name)
		}
	}
	report("float64", compare[float64])
	report("float32", compare[float32])
}

// A number slightly off the tolerance, and NaN, must not pass.
func TestJudge(t *testing.T) {
	f := &fixture{}
	want := []float64{2, 0, -100}
	for _, c := range []struct {
		got  []float64
		pass bool
	}{
		{[]float64{2, 0, -100}, true}, {[]float64{2, 1e-9, -100}, true}, {[]float64{2, 2e-8, -100}, false},
		{[]float64{2, 0, 100}, false}, {[]float64{2, nan(), -100}, false}, {[]float64{nan(), 0, -100}, false},
	} {
		if _, err := judge(f, "x", c.got, want); (err == nil) != c.pass {
			t.Errorf("%v for %v: %v", c.got, want, err)
		}
	}
	if _, err := judge(f, "x", []float64{2e-10}, []float64{0}); err == nil {
		t.Error("2e-10 passes for an exact 0")
	}
}

func nan() float64 { var zero float64; return zero / zero }

// Every function that makes a tensor on a graph has a gradient check.
func TestEveryFunctionHasAGradientCheck(t *testing.T) {
	checked := map[string]bool{}
	for _, c := range gradientChecks() {
		checked[c.Name] = true
	}
	found := 0
	for _, dir := range []string{"../..", "../../hopfield", "../../loss"} {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range files {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			for _, decl := range file.Decls {
				f, ok := decl.(*ast.FuncDecl)
				if !ok || f.Recv != nil || !f.Name.IsExported() || !makesTensor(f.Type) {
					continue
				}
				found++
				if name := file.Name.Name + "." + f.Name.Name; !checked[name] {
					t.Errorf("%s has no gradient check", name)
				}
			}
		}
	}
	if found < 18 {
		t.Errorf("only %d functions found", found)
	}
}

// makesTensor reports whether a function takes a *Graph and returns a *Tensor.
func makesTensor(f *ast.FuncType) bool {
	mentions := func(list *ast.FieldList, name string) bool {
		found := false
		if list != nil {
			ast.Inspect(list, func(n ast.Node) bool {
				id, ok := n.(*ast.Ident)
				found = found || ok && id.Name == name
				return true
			})
		}
		return found
	}
	return mentions(f.Params, "Graph") && mentions(f.Results, "Tensor")
}
