package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestFilter runs go test -json and go test -v on a module with every kind of outcome.
func TestFilter(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":       "module m\n\ngo 1.26\n",
		"none/none.go": "package none\n",
		"good/good_test.go": `package good
import "testing"
func TestGood(t *testing.T) { t.Log("quiet"); t.Run("sub", func(t *testing.T) { t.Skip("not here") }) }
func TestCases(t *testing.T) { t.Log("SKIP: one case, for a reason"); t.Log("not SKIP: this"); t.Logf("SKIPPED level x: no y") }
func TestSilent(t *testing.T) { t.SkipNow() }
`,
		"bad/bad_test.go": `package bad
import "testing"
func TestFine(t *testing.T) { t.Log("quiet") }
func TestBad(t *testing.T) { t.Error("loud") }
`,
		"boom/boom_test.go": `package boom
import "testing"
func TestBoom(t *testing.T) { panic("very loud") }
`,
		"unbuilt/unbuilt_test.go": "package unbuilt\nvar x int = \"text\"\n",
	} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	run := func(text bool, packages ...string) string {
		format, events := "-json", jsonEvents
		if text {
			format, events = "-v", textEvents
		}
		cmd := exec.Command("go", append([]string{"test", format}, packages...)...)
		cmd.Dir = dir
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &out
		err := cmd.Run()
		var b strings.Builder
		failed, filterErr := filter(&b, &out, events)
		if filterErr != nil || failed != (err != nil) {
			t.Errorf("%s %v: failed %t, %v; go test says %v", format, packages, failed, filterErr, err)
		}
		return b.String()
	}
	for _, tc := range []struct {
		packages      string
		want, wantNot []string
	}{
		{"./good ./none", []string{
			`(?m)^ok  \tm/good\t[0-9.]+s$`, `(?m)^\?   \tm/none\t\[no test files\]$`,
			`(?m)^tests skipped: 2; cases left out by others: 2$`,
			`(?m)^  skipped m/good TestGood/sub: good_test.go:3: not here$`,
			`(?m)^  skipped m/good TestSilent: no reason given$`,
			`(?m)^  skipped m/good TestCases: one case, for a reason$`,
			`(?m)^  skipped m/good TestCases: level x: no y$`,
		}, []string{"quiet", "not SKIP", "PASS", "==="}},
		{"./none", []string{`(?m)^tests skipped: 0; cases left out by others: 0$`}, nil},
		{"./bad ./boom ./unbuilt ./good", []string{
			`(?m)^--- FAIL: TestBad .*\n +bad_test.go:4: loud\n`, `(?m)^FAIL\tm/bad\t[0-9.]+s$`,
			`panic: very loud`, `boom_test.go:3`, `(?m)^FAIL\tm/boom\t[0-9.]+s$`,
			`unbuilt_test.go:2:13: cannot use`, `(?m)^FAIL\tm/unbuilt \[build failed\]$`,
			`(?m)^ok  \tm/good\t`, `(?m)^tests skipped: 2;`,
		}, []string{"quiet", "TestFine"}},
	} {
		for _, text := range []bool{false, true} {
			got := run(text, strings.Fields(tc.packages)...)
			for _, want := range tc.want {
				if !regexp.MustCompile(want).MatchString(got) {
					t.Errorf("%s, text %t: nothing matches %s in\n%s", tc.packages, text, want, got)
				}
			}
			for _, not := range tc.wantNot {
				if strings.Contains(got, not) {
					t.Errorf("%s, text %t: %q is in\n%s", tc.packages, text, not, got)
				}
			}
		}
	}
}
