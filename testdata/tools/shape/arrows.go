package main

import (
	"cmp"
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
)

// graph tells for each file of a package which others it uses, and how many of the names
// that they declare.
type graph map[string]map[string]int

// arrows prints what the files of packages use of each other: for each package a line
// with totals, and before it, if all is wanted, a line a file.
func arrows(w io.Writer, root string, folders []string, all bool) error {
	pkgs, err := packages.Load(&packages.Config{
		Mode: packages.NeedName | packages.NeedFiles | packages.NeedSyntax | packages.NeedTypes | packages.NeedTypesInfo | packages.NeedImports | packages.NeedExportFile,
		Dir:  root,
	}, folders...)
	if err != nil {
		return err
	}
	for _, p := range pkgs {
		for _, e := range p.Errors {
			err = errors.Join(err, e)
		}
	}
	if err != nil {
		return err
	}
	for _, p := range pkgs {
		g := uses(p.Fset, p.Syntax, p.TypesInfo, p.Types)
		if all {
			printFiles(w, g)
		}
		cycles := g.cycles()
		inCycles := 0
		for _, c := range cycles {
			inCycles += len(c)
			if all {
				fmt.Fprintf(w, "cycle: %s\n", strings.Join(c, " "))
			}
		}
		pairs := g.pairs()
		if all {
			for _, pair := range pairs {
				fmt.Fprintf(w, "each other: %s %s\n", pair[0], pair[1])
			}
		}
		fmt.Fprintf(w, "%s: %d files, %d arrows, %d pairs that use each other, %d files in %d cycles, the largest of %d\n",
			p.PkgPath, len(g), g.arrows(), len(pairs), inCycles, len(cycles), largest(cycles))
	}
	return nil
}

// uses returns which file uses names that another declares. Fields are no names of their
// own: who uses them uses the type.
func uses(fset *token.FileSet, files []*ast.File, info *types.Info, pkg *types.Package) graph {
	base := func(pos token.Pos) string { return filepath.Base(fset.Position(pos).Filename) }
	g := graph{}
	for _, file := range files {
		from := base(file.FileStart)
		named := map[string]map[types.Object]bool{}
		ast.Inspect(file, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			if !ok {
				return true
			}
			obj := info.Uses[id]
			if obj == nil || obj.Pkg() != pkg {
				return true
			}
			switch o := obj.(type) {
			case *types.Var:
				obj = o.Origin()
				if o.IsField() {
					return true
				}
			case *types.Func:
				obj = o.Origin()
			case *types.TypeName, *types.Const:
			default:
				return true
			}
			if to := base(obj.Pos()); to != from {
				if named[to] == nil {
					named[to] = map[types.Object]bool{}
				}
				named[to][obj] = true
			}
			return true
		})
		g[from] = map[string]int{}
		for to, names := range named {
			g[from][to] = len(names)
		}
	}
	return g
}

func printFiles(w io.Writer, g graph) {
	for _, from := range slices.Sorted(maps.Keys(g)) {
		tos := slices.SortedFunc(maps.Keys(g[from]), func(a, b string) int {
			return cmp.Or(cmp.Compare(g[from][b], g[from][a]), cmp.Compare(a, b))
		})
		fmt.Fprintf(w, "%s ->", from)
		for _, to := range tos {
			fmt.Fprintf(w, " %s(%d)", to, g[from][to])
		}
		fmt.Fprintln(w)
	}
}

// arrows returns the number of pairs of files of which the first uses the second.
func (g graph) arrows() (n int) {
	for _, to := range g {
		n += len(to)
	}
	return n
}

// pairs returns the files that use each other, in order.
func (g graph) pairs() (pairs [][2]string) {
	for _, a := range slices.Sorted(maps.Keys(g)) {
		for _, b := range slices.Sorted(maps.Keys(g[a])) {
			if a < b && g[b][a] > 0 {
				pairs = append(pairs, [2]string{a, b})
			}
		}
	}
	return pairs
}

func largest(cycles [][]string) (n int) {
	for _, c := range cycles {
		n = max(n, len(c))
	}
	return n
}
