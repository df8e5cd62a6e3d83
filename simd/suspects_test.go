package simd

import (
	"bytes"
	bits "encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// Disassembling a whole module takes minutes, most of it to find the lines of instructions
// that matter to nobody. The words of arm64's instructions tell beforehand which functions
// have some that do.

// goobjMagic begins an object file of Go's compiler or assembler in an archive.
var goobjMagic = []byte("\x00go120ld")

// suspects returns a pattern for objdump's -s of the functions in an arm64 archive that have
// a fused float32 instruction or, where FMA32 may be inlined from a file, one that a fused
// one may have become. Functions in seen are left out, and the others are added: where
// packages have the same instance of a generic function, the linker takes any. The pattern
// is "" for no function.
func suspects(archive, inlined string, seen map[string]bool) (pattern string, err error) {
	text, err := os.ReadFile(archive)
	if err != nil {
		return "", err
	}
	if bytes.Count(text, goobjMagic) != 1 {
		return ".", nil // addresses count from the begin of one of several objects
	}
	object := text[bytes.Index(text, goobjMagic):]
	unfused := bytes.Contains(text, []byte(inlined))
	symbols, err := exec.Command("go", "tool", "nm", "-size", archive).Output()
	if err != nil {
		return "", err
	}
	var names []string
	for line := range strings.Lines(string(symbols)) {
		m := symbolLine.FindStringSubmatch(strings.TrimSuffix(line, "\n"))
		if m == nil {
			continue
		}
		at, _ := strconv.ParseUint(m[1], 16, 64)
		size, _ := strconv.ParseUint(m[2], 10, 64)
		if at+size > uint64(len(object)) {
			return "", fmt.Errorf("%s lies beyond the object", m[3])
		}
		if name := m[3]; !seen[name] && suspicious(object[at:at+size], unfused) {
			seen[name] = true
			names = append(names, regexp.QuoteMeta(name))
		}
	}
	if len(names) == 0 {
		return "", nil
	}
	return "^(" + strings.Join(names, "|") + ")$", nil
}

// symbolLine is a function as nm -size prints it: address, size, T, name.
var symbolLine = regexp.MustCompile(`^\s*([0-9a-f]+)\s+(\d+)\s+[Tt]\s+(.+)$`)

// suspicious tells whether code has a float32 instruction that fused32 names, or, with
// unfused, one that unfused32 names.
func suspicious(code []byte, unfused bool) bool {
	for ; len(code) >= 4; code = code[4:] {
		w := bits.LittleEndian.Uint32(code)
		if w&0xffc00000 == 0x1f000000 {
			return true
		}
		if !unfused {
			continue
		}
		switch w & 0xffe0fc00 {
		case 0x1e200800, 0x1e208800, 0x1e202800, 0x1e203800: // FMULS, FNMULS, FADDS, FSUBS
			return true
		}
	}
	return false
}

func TestSuspicious(t *testing.T) {
	for _, tt := range []struct {
		word    uint32
		unfused bool
		want    bool
	}{
		{0x1f000820, false, true},  // FMADDS F0, F2, F1, F0
		{0x1f008820, false, true},  // FMSUBS
		{0x1f208820, false, true},  // FNMSUBS
		{0x1f408820, true, false},  // FMADDD
		{0x1e202820, true, true},   // FADDS F0, F1, F0
		{0x1e203820, true, true},   // FSUBS
		{0x1e200820, true, true},   // FMULS
		{0x1e208820, true, true},   // FNMULS
		{0x1e201820, true, false},  // FDIVS
		{0x1e602820, true, false},  // FADDD
		{0x1e202820, false, false}, // FADDS, where FMA32 is not inlined
	} {
		code := bits.LittleEndian.AppendUint32([]byte{0x1f, 0x20, 0x03, 0xd5}, tt.word) // after a NOP
		if got := suspicious(code, tt.unfused); got != tt.want {
			t.Errorf("%#x, unfused %t: %t", tt.word, tt.unfused, got)
		}
	}
}
