package main

import (
	"encoding/binary"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/arch/arm64/arm64asm"
)

var wordLine = regexp.MustCompile(`^\s*WORD \$(0x[0-9a-f]{8}) // (.+)$`)

// Each WORD decodes to the instruction that its comment names. (That the files in
// package simd are what the generator writes is for go generate to show.)
func TestWordsDecodeToTheirComments(t *testing.T) {
	names := map[string]int{}
	for path, text := range generate() {
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
			if got := arm64asm.GNUSyntax(inst); got != m[2] {
				t.Errorf("%s:%d: %s is %q, not %q", path, i+1, m[1], got, m[2])
			}
			name, _, _ := strings.Cut(m[2], " ")
			names[name]++
		}
	}
	t.Logf("%d kinds of instruction checked: %v", len(names), names)
	if names["fadd"] == 0 || names["fmul"] == 0 {
		t.Error("the files hold no fadd or no fmul: nothing was checked")
	}
}
