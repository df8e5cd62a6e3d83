package main

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/arch/arm64/arm64asm"
)

// The generated files in the tree are what this generator writes.
func TestFilesAreCurrent(t *testing.T) {
	for name, want := range generate() {
		got, err := os.ReadFile(filepath.Join("..", "..", name))
		if err != nil {
			t.Error(err)
		} else if !bytes.Equal(got, want) {
			t.Errorf("simd/%s is not what the generator writes; run go run . in simd/gen/neon", name)
		}
	}
}

var wordLine = regexp.MustCompile(`^\s*WORD \$(0x[0-9a-f]{8}) // (.+)$`)

// Each WORD decodes to the instruction that its comment names.
func TestWordsDecodeToTheirComments(t *testing.T) {
	paths, err := filepath.Glob("../../*_arm64.s")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no assembly found: %v", err)
	}
	names := map[string]int{}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(string(text), "\n") {
			if !strings.Contains(line, "WORD") || strings.HasPrefix(strings.TrimSpace(line), "//") {
				continue
			}
			m := wordLine.FindStringSubmatch(line)
			if m == nil {
				t.Errorf("%s:%d: a WORD without its instruction: %q", path, i+1, line)
				continue
			}
			w, err := strconv.ParseUint(m[1], 0, 32)
			if err != nil {
				t.Fatal(err)
			}
			inst, err := arm64asm.Decode(binary.LittleEndian.AppendUint32(nil, uint32(w)))
			if err != nil {
				t.Errorf("%s:%d: %s: %v", path, i+1, m[1], err)
				continue
			}
			// The decoder prints a comparison with zero as #0.
			want := strings.TrimSuffix(m[2], ".0")
			if got := arm64asm.GNUSyntax(inst); got != want {
				t.Errorf("%s:%d: %s is %q, not %q", path, i+1, m[1], got, want)
			}
			name, _, _ := strings.Cut(want, " ")
			names[name]++
		}
	}
	t.Logf("%d kinds of instruction checked: %v", len(names), names)
	if names["fadd"] == 0 || names["fmul"] == 0 {
		t.Error("the files hold no fadd or no fmul: nothing was checked")
	}
}
