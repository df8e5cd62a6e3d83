package anomem_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Training and scoring run the functions that doc.go names: each is reached from them, or
// calls only equations that are reached.
func TestTheProductRunsEveryEquation(t *testing.T) {
	calls := callGraph{}
	for _, dir := range []string{".", "hopfield", "loss", "train"} {
		paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			calls.add(file)
		}
	}
	run := calls.reached("train.Run.Train", "anomem.Model.ScoreBatch", "anomem.Model.Heatmap")
	listed, err := listedEquations()
	if err != nil {
		t.Fatal(err)
	}
	for n, names := range listed {
		for _, name := range names {
			if !calls.runs(run, name) {
				t.Errorf("eq. %s: neither training nor scoring runs %s, nor all that it calls", n, name)
			}
		}
	}
}

func TestCallGraph(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "a.go", `package a
		type T struct{}
		func (t T) Root() { body(); t.method() }
		func body() {}
		func (T) method() {}
		func Thin[E any]() { body() }
		func Own() { g.body(); x.body = 1 }
		func OverOwn() { body(); Own() }`, 0)
	if err != nil {
		t.Fatal(err)
	}
	calls := callGraph{}
	calls.add(file)
	run := calls.reached("a.T.Root")
	if got, want := slices.Sorted(maps.Keys(run)), []string{"a.T.Root", "a.T.method", "a.body"}; !slices.Equal(got, want) {
		t.Errorf("the root reaches %v, want %v", got, want)
	}
	for name, want := range map[string]bool{"a.body": true, "a.T": true, "a.Thin": true, "a.Own": false, "a.OverOwn": false, "a.None": false} {
		if got := calls.runs(run, name); got != want {
			t.Errorf("%s is run: %v, want %v", name, got, want)
		}
	}
}

// graph is the name of every autograd.Graph. Its operations are not equations.
const graph = "g"

// callGraph holds what the body of each function "package.Name" and method
// "package.Type.Name" mentions: functions by their names, methods of any type as ".Name".
type callGraph map[string]map[string]bool

func (c callGraph) add(file *ast.File) {
	pkg := file.Name.Name
	for _, decl := range file.Decls {
		f, ok := decl.(*ast.FuncDecl)
		if !ok || f.Body == nil {
			continue
		}
		mentions := map[string]bool{}
		var visit func(n ast.Node) bool
		visit = func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.SelectorExpr:
				if x, ok := n.X.(*ast.Ident); !ok {
					ast.Inspect(n.X, visit)
				} else if x.Name == graph {
					return false
				} else {
					mentions[x.Name+"."+n.Sel.Name] = true
				}
				mentions["."+n.Sel.Name] = true
				return false
			case *ast.Ident:
				mentions[pkg+"."+n.Name] = true
			}
			return true
		}
		ast.Inspect(f.Body, visit)
		c[pkg+"."+receiver(f)+f.Name.Name] = mentions
	}
}

// receiver returns "Type." for a method and "" for a function.
func receiver(f *ast.FuncDecl) string {
	if f.Recv == nil {
		return ""
	}
	typ := f.Recv.List[0].Type
	if p, ok := typ.(*ast.StarExpr); ok {
		typ = p.X
	}
	if p, ok := typ.(*ast.IndexExpr); ok {
		typ = p.X
	}
	return typ.(*ast.Ident).Name + "."
}

// called returns the functions and methods that name may call, without itself.
func (c callGraph) called(name string) []string {
	var all []string
	for other := range c {
		method := ""
		if strings.Count(other, ".") == 2 {
			method = other[strings.LastIndex(other, "."):]
		}
		if other != name && (c[name][other] || c[name][method]) {
			all = append(all, other)
		}
	}
	return all
}

// reached returns the roots and everything that they call, directly or not.
func (c callGraph) reached(roots ...string) map[string]bool {
	seen := map[string]bool{}
	for len(roots) > 0 {
		name := roots[0]
		roots = roots[1:]
		if !seen[name] {
			seen[name] = true
			roots = append(roots, c.called(name)...)
		}
	}
	return seen
}

// runs reports whether name is in run, is a type with a method in run, or calls only
// functions of run.
func (c callGraph) runs(run map[string]bool, name string) bool {
	for other := range run {
		if other == name || strings.HasPrefix(other, name+".") {
			return true
		}
	}
	called := c.called(name)
	return len(called) > 0 && !slices.ContainsFunc(called, func(f string) bool { return !run[f] })
}
