// Package safetensorstest holds valid and malicious files to test and compare readers
// of the safetensors format.
package safetensorstest

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
)

// A File must be accepted or refused by a reader.
type File struct {
	Name  string
	Bytes []byte

	// Fault is a part of the error that package safetensors must return; empty if the
	// file is valid.
	Fault string

	// Lenient says that the reference implementation (safetensors 0.8) accepts the
	// file although package safetensors refuses it.
	Lenient bool
}

// Build returns a file: the header's length, the header and data.
func Build(header string, data []byte) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), data...)
}

// claim returns a file whose header claims to have n bytes.
func claim(n uint64, rest string) []byte {
	return append(binary.LittleEndian.AppendUint64(nil, n), rest...)
}

// entry returns a header's text for one tensor.
func entry(name, dtype, shape string, begin, end int64) string {
	return fmt.Sprintf(`"%s":{"dtype":"%s","shape":%s,"data_offsets":[%d,%d]}`, name, dtype, shape, begin, end)
}

// object returns a header with these members.
func object(members ...string) string { return "{" + strings.Join(members, ",") + "}" }

// Files returns the collection.
func Files() []File {
	return slices.Concat(good(), badLengths(), badText(), badFields(), badMetadata(), badNumbers(), badRanges())
}

// data returns n bytes of data.
func data(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i * 7)
	}
	return b
}

// Entries that many files have: 4 bytes, and 8 behind them.
var (
	a = entry("a", "F32", "[1]", 0, 4)
	b = entry("b", "F32", "[2]", 4, 12)
)

// one returns a valid file of one tensor.
func one() []byte { return Build(object(a), data(4)) }

// deep is an array within arrays.
var deep = strings.Repeat("[", 100_000)
