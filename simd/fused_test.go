package simd

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	textLine  = regexp.MustCompile(`^TEXT (\S+)`)
	instLine  = regexp.MustCompile(`^\s+(\S+:\d+)\s+0x[0-9a-f]+\s+[0-9a-f]+\s+(\S+)`)
	fused32   = regexp.MustCompile(`^FN?M(ADD|SUB)S$`)
	unfused32 = regexp.MustCompile(`^F(N?MUL|ADD|SUB)S$`)
)

// On arm64 the compiler fuses x*y + z wherever it may, which gives other bits than
// other architectures. In the module's arm64 code each fused float32 instruction
// must come from the line of FMA32, also where that is inlined, and everything on
// that line must have been fused: a constant factor, for one, is multiplied in
// advance. float64 is outside the promise.
func TestCompilerFusesOnlyInFMA32(t *testing.T) {
	if _, err := exec.LookPath("go"); err != nil {
		t.Skipf("SKIP: the compiler's fused instructions are not checked: %v", err)
	}
	fmaLine := lineOf(t, "fma_fused.go", "func FMA32(")

	// What go list reads, go test does not see: look at the sources, so that it
	// takes no result of others from its cache.
	err := filepath.WalkDir("..", func(path string, _ fs.DirEntry, err error) error {
		if err == nil && filepath.Ext(path) == ".go" {
			_, err = os.Stat(path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}

	list := exec.Command("go", "list", "-export", "-f", "{{.ImportPath}} {{.Export}}", "anomem/...")
	list.Env = append(os.Environ(), "GOOS=linux", "GOARCH=arm64", "CGO_ENABLED=0", "GOFLAGS=")
	list.Stderr = os.Stderr
	out, err := list.Output()
	if err != nil {
		t.Fatalf("building for arm64: %v", err)
	}
	fused, found, packages := 0, 0, 0
	seen := map[string]bool{}
	for line := range strings.Lines(string(out)) {
		path, archive, ok := strings.Cut(strings.TrimSpace(line), " ")
		if !ok || archive == "" {
			continue // tests only
		}
		packages++
		pattern, err := suspects(archive, "fma_fused.go", seen)
		if err != nil {
			t.Fatalf("functions of %s: %v", path, err)
		}
		if pattern == "" {
			continue
		}
		text, err := exec.Command("go", "tool", "objdump", "-s", pattern, archive).Output()
		if err != nil {
			t.Fatalf("disassembling %s: %v", path, err)
		}
		n, faults := fusedOutside(string(text), fmaLine)
		fused += n
		if pattern != "." {
			found += n
		}
		for _, f := range faults {
			t.Errorf("%s: %s", path, f)
		}
	}
	if found == 0 {
		t.Error("nothing is fused, not even FMA32 in package kernels: the archives or the disassembly were not read")
	}
	t.Logf("%d fused float32 instructions in %d packages come from FMA32", fused, packages)
}

// fusedOutside counts the fused float32 instructions of a disassembly that come
// from a source line, and lists those from elsewhere and the line's unfused ones.
// A line that is inlined into many functions is listed once.
func fusedOutside(disassembly, line string) (inside int, faults []string) {
	function := ""
	seen := map[string]bool{}
	for text := range strings.Lines(disassembly) {
		if m := textLine.FindStringSubmatch(text); m != nil {
			function = m[1]
			continue
		}
		m := instLine.FindStringSubmatch(text)
		switch {
		case m == nil:
		case fused32.MatchString(m[2]) && m[1] == line:
			inside++
		case fused32.MatchString(m[2]) && !seen[m[1]]:
			seen[m[1]] = true
			faults = append(faults, fmt.Sprintf("%s is fused in %s at %s: write float32(x*y) + z, or FMA32", m[2], function, m[1]))
		case unfused32.MatchString(m[2]) && m[1] == line:
			faults = append(faults, fmt.Sprintf("FMA32 is not fused in %s: it became %s, from a constant factor", function, m[2]))
		}
	}
	return inside, faults
}

// lineOf is FILE:LINE of the line that starts with prefix.
func lineOf(t *testing.T, file, prefix string) string {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range strings.Split(string(text), "\n") {
		if strings.HasPrefix(line, prefix) {
			return fmt.Sprintf("%s:%d", file, i+1)
		}
	}
	t.Fatalf("%s: no line starts with %q", file, prefix)
	return ""
}

// TestFusedOutside checks that the reading of a disassembly finds stray instructions.
func TestFusedOutside(t *testing.T) {
	const text = `TEXT anomem/simd.FMA32(SB) /src/simd/fma_fused.go
  fma_fused.go:8	0x18a0	1f000820	FMADDS F0, F2, F1, F0
TEXT anomem/nn.good(SB) /src/nn/nn.go
  nn.go:3	0x18a0	1e202820	FMULS F0, F2, F1
  nn.go:3	0x18a4	1e202820	FADDS F0, F1, F0
  fma_fused.go:8	0x18a8	1f008820	FMSUBS F0, F2, F1, F0
  nn.go:4	0x18ac	1f408820	FMADDD F0, F2, F1, F0
TEXT anomem/nn.bad(SB) /src/nn/nn.go
  nn.go:8	0x1940	1f208820	FNMSUBS F0, F2, F1, F0
  fma_fused.go:8	0x1958	1e202820	FADDS F0, F1, F0
`
	inside, faults := fusedOutside(text, "fma_fused.go:8")
	if inside != 2 || len(faults) != 2 ||
		!strings.HasPrefix(faults[0], "FNMSUBS is fused in anomem/nn.bad(SB) at nn.go:8") ||
		!strings.HasPrefix(faults[1], "FMA32 is not fused in anomem/nn.bad(SB)") {
		t.Errorf("%d inside, faults %q", inside, faults)
	}
}

// The addend is rounded first where it is a product and the call is inlined.
func TestFMA32OfProduct(t *testing.T) {
	x, want := float32(1+0x1p-12), float32(0x1p-11+0x1p-24)
	if got := fmaOfProduct(x, x, -1, 1); got != want {
		t.Errorf("fma(x, x, -1·1) = %g, want %g", got, want)
	}
	u := float32(1 + 0x1p-12) // u*u rounds to 1 + 0x1p-11
	if got, want := fmaOfProduct(-1, 1, u, u), float32(0x1p-11); got != want {
		t.Errorf("fma(-1, 1, float32(u·u)) = %g, want %g", got, want)
	}
}

//go:noinline
func fmaOfProduct(x, y, u, v float32) float32 { return FMA32(x, y, u*v) }
