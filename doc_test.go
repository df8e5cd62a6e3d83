package anomem_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// doc.go names the function of each equation. Each of the 13 must be listed, exist, and
// cite its equation itself.
func TestEveryEquationHasItsFunction(t *testing.T) {
	listed, err := listedEquations()
	if err != nil {
		t.Fatal(err)
	}
	docs, err := docComments(".")
	if err != nil {
		t.Fatal(err)
	}
	for i := range 13 {
		n := fmt.Sprint(i + 1)
		names := listed[n]
		delete(listed, n)
		if len(names) != 1 {
			t.Errorf("doc.go lists eq. %s %d times, want once", n, len(names))
			continue
		}
		name := names[0]
		doc, ok := docs[name]
		if !ok {
			t.Errorf("eq. %s: there is no %s", n, name)
		} else if !cites(doc, n) {
			t.Errorf("the comment of %s does not cite eq. %s:\n%s", name, n, doc)
		}
	}
	if len(listed) > 0 {
		t.Errorf("doc.go lists equations that the paper lacks: %v", slices.Sorted(maps.Keys(listed)))
	}
}

// listedEquations returns the functions that doc.go names for each equation.
func listedEquations() (map[string][]string, error) {
	src, err := os.ReadFile("doc.go")
	if err != nil {
		return nil, err
	}
	listed := map[string][]string{}
	for _, m := range regexp.MustCompile(`(?m)^//\teq\. (\d+) +(\w+\.\w+)`).FindAllStringSubmatch(string(src), -1) {
		listed[m[1]] = append(listed[m[1]], m[2])
	}
	return listed, nil
}

// cites reports whether doc names equation n, alone or in a list ("eqs. 2, 5").
func cites(doc, n string) bool {
	for _, m := range regexp.MustCompile(`\beqs?\.\s+(\d+(?:(?:,\s+|\s+and\s+)\d+)*)`).FindAllStringSubmatch(doc, -1) {
		if slices.Contains(regexp.MustCompile(`\d+`).FindAllString(m[1], -1), n) {
			return true
		}
	}
	return false
}

func TestCites(t *testing.T) {
	for _, c := range []struct {
		doc, n string
		want   bool
	}{
		{"F is eq. 1.", "1", true}, {"F is eq. 11.", "1", false}, {"as eqs. 2, 5 and\n6 say", "6", true},
		{"as eqs. 2, 5 say of 6", "6", false}, {"the freq. 3", "3", false}, {"", "1", false},
	} {
		if got := cites(c.doc, c.n); got != c.want {
			t.Errorf("%q cites eq. %s: %v", c.doc, c.n, got)
		}
	}
}

// docComments returns the comments of all exported functions and types of the
// module, by "package.Name".
func docComments(root string) (map[string]string, error) {
	docs := map[string]string{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			hidden := path != root && strings.HasPrefix(d.Name(), ".")
			_, nested := os.Stat(filepath.Join(path, "go.mod"))
			if hidden || d.Name() == "testdata" || path != root && nested == nil {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		for _, decl := range file.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				if d.Recv == nil && d.Name.IsExported() {
					docs[file.Name.Name+"."+d.Name.Name] = d.Doc.Text()
				}
			case *ast.GenDecl:
				for _, s := range d.Specs {
					if s, ok := s.(*ast.TypeSpec); ok && s.Name.IsExported() {
						docs[file.Name.Name+"."+s.Name.Name] = d.Doc.Text() + s.Doc.Text()
					}
				}
			}
		}
		return nil
	})
	return docs, err
}
