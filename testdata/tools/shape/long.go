package main

import (
	"cmp"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
)

const mostLines = 60

// function is one that is too long.
type function struct {
	file, name  string
	line, lines int
}

// longFunctions returns the functions below root that are too long, the longest first.
func longFunctions(root string) ([]function, error) {
	var found []function
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		if d.IsDir() && (rel == "simd/gen" || rel != "." && strings.HasPrefix(d.Name(), ".")) {
			return fs.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(rel, ".go") || strings.HasSuffix(rel, "_test.go") {
			return nil
		}
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, path, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		if !ast.IsGenerated(file) {
			found = append(found, longIn(fset, file, rel)...)
		}
		return nil
	})
	slices.SortStableFunc(found, func(a, b function) int { return cmp.Compare(b.lines, a.lines) })
	return found, err
}

// longIn returns the functions of a file that are too long: those declared, and those
// within a table or a variable.
func longIn(fset *token.FileSet, file *ast.File, name string) (found []function) {
	add := func(n ast.Node, called string) bool {
		line := fset.Position(n.Pos()).Line
		lines := fset.Position(n.End()).Line - line + 1
		if lines > mostLines {
			found = append(found, function{name, called, line, lines})
		}
		return lines > mostLines
	}
	for _, decl := range file.Decls {
		var called string
		if f, ok := decl.(*ast.FuncDecl); ok {
			called = f.Name.Name
			if f.Body == nil || !isTable(f) && add(f, called) {
				continue
			}
		}
		ast.Inspect(decl, func(n ast.Node) bool {
			f, ok := n.(*ast.FuncLit)
			return !ok || !add(f, "a function in "+cmp.Or(called, "a variable"))
		})
	}
	return found
}

// isTable tells whether a function only lists the rows of a table: it declares, appends,
// adds rows by a function of its own or by a method of its receiver, and returns, all that
// at most in loops.
func isTable(f *ast.FuncDecl) bool {
	adders := map[string]bool{} // functions and receivers that take rows
	if f.Recv != nil {
		for _, name := range f.Recv.List[0].Names {
			adders[name.Name] = true
		}
	}
	var lists func(body *ast.BlockStmt) bool
	lists = func(body *ast.BlockStmt) bool {
		for _, s := range body.List {
			switch s := s.(type) {
			case *ast.DeclStmt, *ast.ReturnStmt:
			case *ast.AssignStmt:
				if s.Tok != token.DEFINE && !isAppend(s) {
					return false
				}
				if name, ok := s.Lhs[0].(*ast.Ident); ok {
					if _, ok := s.Rhs[0].(*ast.FuncLit); ok {
						adders[name.Name] = true
					}
				}
			case *ast.ExprStmt:
				if !addsRow(s.X, adders) {
					return false
				}
			case *ast.RangeStmt:
				if !lists(s.Body) {
					return false
				}
			default:
				return false
			}
		}
		return true
	}
	return lists(f.Body)
}

// isAppend tells whether a statement is x = append(x, ...).
func isAppend(s *ast.AssignStmt) bool {
	call, ok := s.Rhs[0].(*ast.CallExpr)
	if !ok {
		return false
	}
	f, ok := call.Fun.(*ast.Ident)
	return ok && f.Name == "append"
}

// addsRow tells whether an expression is f(...) or f.METHOD(...), f being one of adders.
func addsRow(x ast.Expr, adders map[string]bool) bool {
	call, ok := x.(*ast.CallExpr)
	if !ok {
		return false
	}
	f := call.Fun
	if method, ok := f.(*ast.SelectorExpr); ok {
		f = method.X
	}
	name, ok := f.(*ast.Ident)
	return ok && adders[name.Name]
}
