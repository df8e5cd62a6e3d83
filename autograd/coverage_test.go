package autograd_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"

	"anomem/autograd"
	"anomem/check/gradients"
)

// source is what the package's own files declare.
type source struct {
	records map[string]bool // types with the method Backward(g *Graph[T]), and the functions that such records share
	methods map[string]bool // exported methods of Graph that return a *Tensor[T]
}

func parseSource(t *testing.T) source {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	s := source{map[string]bool{}, map[string]bool{}}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Recv == nil {
				continue
			}
			recv := typeName(f.Recv.List[0].Type)
			params, results := f.Type.Params.List, f.Type.Results
			if f.Name.Name == "Backward" && len(params) == 1 && typeName(params[0].Type) == "Graph" {
				s.records[recv] = true
			}
			if f.Name.Name == "gradient" && strings.HasSuffix(recv, "Func") {
				s.records[recv] = true
			}
			if recv == "Graph" && f.Name.IsExported() && results != nil && typeName(results.List[0].Type) == "Tensor" {
				s.methods[f.Name.Name] = true
			}
		}
	}
	// Making a tensor is no operation.
	delete(s.methods, "NewTensor")
	delete(s.methods, "NewLike")
	if len(s.records) < 25 || len(s.methods) < 30 {
		t.Fatalf("found only %d records and %d operations in the source", len(s.records), len(s.methods))
	}
	return s
}

// typeName is the name of a type without pointers and parameters.
func typeName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return typeName(e.X)
	case *ast.IndexExpr:
		return typeName(e.X)
	case *ast.IndexListExpr:
		return typeName(e.X)
	case *ast.Ident:
		return e.Name
	}
	return ""
}

// TestEveryOperationHasARow fails where an operation, or a record on the tape,
// takes no part in the gradient table.
func TestEveryOperationHasARow(t *testing.T) {
	s := parseSource(t)
	g := autograd.NewGraph[float64](nil)
	for _, row := range gradients.Rows[float64]() {
		if !s.methods[row.Op] {
			t.Errorf("row %s: no such operation, or two rows", row.Op)
		}
		delete(s.methods, row.Op)
		for _, c := range row.Cases {
			for _, in := range c.In {
				in.RequireGrad()
			}
			c.F(g, c.In)
			for _, name := range g.Records() {
				delete(s.records, name)
			}
			g.Reset()
		}
	}
	for name := range s.methods {
		t.Errorf("operation %s has no row in the gradient table", name)
	}
	for name := range s.records {
		t.Errorf("no row of the gradient table records a %s", name)
	}
}
