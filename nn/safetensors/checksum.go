package safetensors

import (
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"maps"
	"slices"
	"strings"
)

// A checksum is the CRC-32C of what a file says: metadata, names, types, shapes and the
// bytes of each tensor. It finds damage - a flipped bit, any burst of up to 32 - and is no
// protection against malice. Hardware computes it, so that it costs little beside reading.

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Checksum returns the checksum of a file that Write would make of tensors and metadata.
// The metadata under the key except, where the checksum itself may stand, do not count.
func Checksum(tensors []Tensor, metadata map[string]string, except string) (string, error) {
	h := begin(metadata, except)
	for _, t := range slices.SortedFunc(slices.Values(tensors), func(a, b Tensor) int { return strings.Compare(a.Name, b.Name) }) {
		sum := crc32.New(castagnoli)
		if err := t.Data(sum); err != nil {
			return "", err
		}
		add(h, t.Name, t.DType, t.Shape, sum.Sum32())
	}
	return end(h), nil
}

// Checksum returns the checksum of the file, as the function of that name does.
func (f *File) Checksum(except string) (string, error) {
	h, buf := begin(f.h.metadata, except), make([]byte, chunk)
	for _, t := range slices.SortedFunc(slices.Values(f.h.tensors), func(a, b Info) int { return strings.Compare(a.Name, b.Name) }) {
		sum := crc32.New(castagnoli)
		r := io.NewSectionReader(f.r, f.data+t.Begin, t.End-t.Begin)
		if _, err := io.CopyBuffer(sum, struct{ io.Reader }{r}, buf); err != nil { // not by its own WriteTo
			return "", &Error{File: f.name, Tensor: t.Name, Err: unpath(err)}
		}
		add(h, t.Name, t.DType, t.Shape, sum.Sum32())
	}
	return end(h), nil
}

func begin(metadata map[string]string, except string) hash.Hash32 {
	h := crc32.New(castagnoli)
	for _, key := range slices.Sorted(maps.Keys(metadata)) {
		if key != except {
			fmt.Fprintf(h, "%q %q\n", key, metadata[key])
		}
	}
	return h
}

func add(h io.Writer, name string, d DType, shape []int, sum uint32) {
	fmt.Fprintf(h, "%q %q %v %08x\n", name, d, shape, sum)
}

func end(h hash.Hash32) string { return fmt.Sprintf("crc32c:%08x", h.Sum32()) }
