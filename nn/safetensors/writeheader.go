package safetensors

import (
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"unicode/utf8"
)

// appendHeader appends the length and the text of the header to b.
func appendHeader(b []byte, tensors []Tensor, metadata map[string]string) ([]byte, *Error) {
	const lengthSize = 8
	start := len(b) + lengthSize
	b = append(b, make([]byte, lengthSize)...)
	b = append(b, '{')
	b, err := appendMetadata(b, metadata)
	if err != nil {
		return nil, err
	}
	seen := make(map[string]bool, len(tensors))
	begin := int64(0)
	for i := range tensors {
		t := &tensors[i]
		if err := t.checkName(seen); err != nil {
			return nil, err
		}
		size, err := t.size()
		if err != nil {
			return nil, err
		}
		if size > math.MaxInt64-begin {
			return nil, fault(t.Name, "the file would be longer than a file can be")
		}
		if i > 0 || len(metadata) > 0 {
			b = append(b, ',')
		}
		b = t.appendEntry(b, begin, begin+size)
		begin += size
	}
	b = append(b, '}')
	for (len(b)-start)%8 != 0 {
		b = append(b, ' ')
	}
	n := len(b) - start
	if n > maxHeader {
		return nil, fault("", "the header would have %d bytes, %d are allowed", n, maxHeader)
	}
	binary.LittleEndian.PutUint64(b[start-lengthSize:], uint64(n))
	return b, nil
}

// appendMetadata appends the header's member for the metadata, if there are any, by key.
func appendMetadata(b []byte, metadata map[string]string) ([]byte, *Error) {
	if len(metadata) == 0 {
		return b, nil
	}
	b = append(b, `"`+metadataKey+`":{`...)
	for i, k := range slices.Sorted(maps.Keys(metadata)) {
		if !utf8.ValidString(k) || !utf8.ValidString(metadata[k]) {
			return nil, fault("", "metadata %s is not valid UTF-8", quote(k))
		}
		if i > 0 {
			b = append(b, ',')
		}
		b = appendText(b, k)
		b = append(b, ':')
		b = appendText(b, metadata[k])
	}
	return append(b, '}'), nil
}

// checkName returns an error if the header cannot have the name of t, or has it
// already, and adds it to seen.
func (t *Tensor) checkName(seen map[string]bool) *Error {
	switch {
	case t.Name == metadataKey:
		return fault(t.Name, "this name is reserved")
	case !utf8.ValidString(t.Name):
		return fault(t.Name, "the name is not valid UTF-8")
	case seen[t.Name]:
		return fault(t.Name, "given twice")
	}
	seen[t.Name] = true
	return nil
}

// appendEntry appends the header's member for t, whose data are bytes begin to end.
func (t *Tensor) appendEntry(b []byte, begin, end int64) []byte {
	b = appendText(b, t.Name)
	b = append(b, `:{"dtype":"`+string(t.DType)+`","shape":[`...)
	for i, d := range t.Shape {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, int64(d), 10)
	}
	b = append(b, `],"data_offsets":[`...)
	b = strconv.AppendInt(b, begin, 10)
	b = append(b, ',')
	b = strconv.AppendInt(b, end, 10)
	return append(b, "]}"...)
}

// appendText appends s as a JSON string, with no more escapes than JSON requires.
func appendText(b []byte, s string) []byte {
	b = append(b, '"')
	for i := range len(s) {
		switch c := s[i]; c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\b':
			b = append(b, `\b`...)
		case '\f':
			b = append(b, `\f`...)
		case '\n':
			b = append(b, `\n`...)
		case '\r':
			b = append(b, `\r`...)
		case '\t':
			b = append(b, `\t`...)
		default:
			if c < ' ' {
				b = fmt.Appendf(b, `\u%04x`, c)
			} else {
				b = append(b, c)
			}
		}
	}
	return append(b, '"')
}
