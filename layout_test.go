package anomem_test

import (
	"go/build"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The README's table of folders says that a package imports only packages of its own row
// and of those above.
func TestLayoutIsInTheOrderOfImports(t *testing.T) {
	rows, err := layoutRows()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[int]bool{}
	err = eachPackage(func(p *build.Package) {
		row, ok := layoutRow(rows, p.Dir)
		if !ok {
			t.Errorf("README.md does not list the folder of %s", p.Dir)
			return
		}
		seen[row] = true
		for _, imported := range p.Imports {
			dir, own := strings.CutPrefix(imported+"/", "anomem/")
			if !own {
				continue
			}
			if above, ok := layoutRow(rows, path.Clean(dir)); ok && above > row {
				t.Errorf("%s imports %s, whose row in README.md is below", p.Dir, imported)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	for folder, row := range rows {
		if !seen[row] {
			t.Errorf("README.md lists %s, which holds no package", folder)
		}
	}
}

// othersModules says which folders may import which modules of others. Their tests, and the
// folders below, may, too.
var othersModules = map[string][]string{
	"simd":              {"github.com/klauspost/cpuid/v2"},
	"check":             {"golang.org/x/sys"},
	"internal/filelock": {"golang.org/x/sys"},
	"baseline/pca":      {"gonum.org/v1/gonum"},
	"eval":              {"gonum.org/v1/gonum"},
	"serve":             {"github.com/prometheus/client_golang"},
	"watch":             {"golang.org/x/sys"},
	"testdata":          {"gonum.org/v1/gonum"},
	"cmd/anomem":        {"golang.org/x/image", "golang.org/x/term"},
}

// The library's packages need three modules of others, a server one more, and the command two.
func TestModulesOfOthers(t *testing.T) {
	used := map[string]bool{}
	err := eachPackage(func(p *build.Package) {
		for _, imported := range p.Imports {
			if first, _, _ := strings.Cut(imported, "/"); !strings.Contains(first, ".") {
				continue // this module's, or the standard library's
			}
			allowed := false
			for folder, modules := range othersModules {
				if p.Dir != folder && !strings.HasPrefix(p.Dir, folder+"/") {
					continue
				}
				for _, module := range modules {
					if strings.HasPrefix(imported+"/", module+"/") {
						allowed, used[folder+" "+module] = true, true
					}
				}
			}
			if !allowed {
				t.Errorf("%s imports %s, which othersModules does not allow", p.Dir, imported)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	for folder, modules := range othersModules {
		for _, module := range modules {
			if !used[folder+" "+module] {
				t.Errorf("%s imports nothing of %s, which othersModules allows", folder, module)
			}
		}
	}
}

// layoutRows returns the row of each folder of the README's table of folders.
func layoutRows() (map[string]int, error) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		return nil, err
	}
	_, layout, _ := strings.Cut(string(readme), "\n## Layout\n")
	layout, _, _ = strings.Cut(layout, "\n## ")
	rows := map[string]int{}
	for i, m := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\|").FindAllStringSubmatch(layout, -1) {
		rows[m[1]] = i
	}
	return rows, nil
}

// layoutRow returns the row of a folder, or of the nearest folder around it. The root's row
// is its own alone.
func layoutRow(rows map[string]int, dir string) (int, bool) {
	for ; ; dir = path.Dir(dir) {
		if row, ok := rows[dir]; ok {
			return row, true
		}
		if path.Dir(dir) == "." {
			return 0, false
		}
	}
}

// eachPackage calls f with each package of the module, whose Dir is relative to the root.
func eachPackage(f func(p *build.Package)) error {
	return filepath.WalkDir(".", func(dir string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		_, nested := os.Stat(filepath.Join(dir, "go.mod"))
		if dir != "." && (strings.HasPrefix(d.Name(), ".") || nested == nil) {
			return filepath.SkipDir
		}
		p, err := build.ImportDir(dir, 0)
		if err == nil {
			p.Dir = filepath.ToSlash(dir)
			f(p)
		}
		return nil
	})
}
