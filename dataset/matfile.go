package dataset

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// A MAT-file of level 5 (MathWorks, MAT-File Format) is a header of 128 bytes and elements. An
// element is a tag, its type and its length in bytes, and so many bytes, padded to eight. A
// length of four or less may stand with the type in one word, and the bytes in the other.
const (
	matHeader     = 128
	matCompressed = 15 // by zlib: an element, without padding
	matMatrix     = 14 // flags, dimensions, name, values
	matBytes      = 2  // unsigned
)

// matArray is an array of unsigned bytes, the first axis running fastest.
type matArray struct {
	axes  []int
	value []byte
}

// readMat reads the arrays of unsigned bytes of a MAT-file, by their names. Each is at most
// most bytes, and memory grows with what is read, whatever a length claims. Other elements
// are passed over.
func readMat(in io.Reader, most int64) (map[string]matArray, error) {
	r := bufio.NewReader(in)
	head := make([]byte, matHeader)
	if _, err := io.ReadFull(r, head); err != nil {
		return nil, fmt.Errorf("the header of a MAT-file has %d bytes: %w", matHeader, err)
	}
	var order binary.ByteOrder
	switch mark := string(head[126:]); mark {
	case "IM":
		order = binary.LittleEndian
	case "MI":
		order = binary.BigEndian
	default:
		return nil, errors.New("no MAT-file of level 5, which has IM or MI at byte 126; save it with -v6 or -v7")
	}
	m := &matReader{order: order, most: most, arrays: map[string]matArray{}}
	for {
		if _, err := r.Peek(1); errors.Is(err, io.EOF) {
			return m.arrays, nil
		}
		if err := m.element(r, true); err != nil {
			return nil, err
		}
	}
}

type matReader struct {
	order  binary.ByteOrder
	most   int64
	arrays map[string]matArray
}

// tag reads a tag. Of a short element it returns the bytes, too.
func (m *matReader) tag(r io.Reader) (kind uint32, size int64, short []byte, err error) {
	var b [8]byte
	if _, err := io.ReadFull(r, b[:]); err != nil {
		return 0, 0, nil, fmt.Errorf("a tag is cut off: %w", err)
	}
	kind, size = m.order.Uint32(b[:]), int64(m.order.Uint32(b[4:]))
	if n := kind >> 16; n != 0 {
		if n > 4 {
			return 0, 0, nil, fmt.Errorf("a short element of %d bytes: there are 4 at most", n)
		}
		return kind & 0xffff, int64(n), b[4 : 4+n], nil
	}
	return kind, size, nil, nil
}

// element reads an element: an array, or one that is passed over. Only an outer one may be
// compressed.
func (m *matReader) element(r io.Reader, outer bool) error {
	kind, size, short, err := m.tag(r)
	if err != nil || short != nil {
		return err
	}
	body := io.LimitReader(r, size)
	switch {
	case kind == matCompressed && outer:
		z, err := zlib.NewReader(bufio.NewReader(body))
		if err != nil {
			return fmt.Errorf("a compressed element: %w", err)
		}
		if err := m.element(z, false); err != nil {
			return err
		}
		if _, err := io.CopyN(io.Discard, z, 8); !errors.Is(err, io.EOF) { // where the checksum is compared
			return fmt.Errorf("a compressed element has no end: %w", err)
		}
	case kind == matMatrix:
		if err := m.array(body); err != nil {
			return err
		}
		_, err = io.Copy(io.Discard, body)
		return err
	}
	n, err := io.Copy(io.Discard, body)
	if err == nil && kind != matCompressed && outer {
		_, err = io.CopyN(io.Discard, r, -size&7)
		if errors.Is(err, io.EOF) { // the last one may lack its padding
			err = nil
		}
	}
	if err == nil && kind != matCompressed && n < size {
		err = fmt.Errorf("an element of %d bytes has %d: %w", size, n, io.ErrUnexpectedEOF)
	}
	return err
}

// part reads an element within an array, of at most so many bytes, with its padding.
func (m *matReader) part(r io.Reader, most int64) (kind uint32, b []byte, err error) {
	kind, size, short, err := m.tag(r)
	if err != nil || short != nil {
		return kind, short, err
	}
	if size > most {
		return 0, nil, fmt.Errorf("a part of an array has %d bytes: %d are the most", size, most)
	}
	var out bytes.Buffer
	n, err := io.Copy(&out, io.LimitReader(r, size))
	if err == nil && n < size {
		err = fmt.Errorf("a part of an array of %d bytes has %d: %w", size, n, io.ErrUnexpectedEOF)
	}
	if err != nil {
		return 0, nil, err
	}
	if _, err := io.CopyN(io.Discard, r, -size&7); err != nil && !errors.Is(err, io.EOF) {
		return 0, nil, err
	}
	return kind, out.Bytes(), nil
}

// array reads an array, and keeps it if its values are unsigned bytes.
func (m *matReader) array(r io.Reader) error {
	const most = 1 << 10 // axes and name
	if _, _, err := m.part(r, most); err != nil {
		return err
	}
	_, b, err := m.part(r, most)
	if err != nil {
		return err
	}
	var axes []int
	for ; len(b) >= 4; b = b[4:] {
		axes = append(axes, int(int32(m.order.Uint32(b))))
	}
	_, name, err := m.part(r, most)
	if err != nil {
		return err
	}
	kind, value, err := m.part(r, m.most)
	if err != nil {
		return fmt.Errorf("array %q: %w", name, err)
	}
	if kind != matBytes {
		return nil
	}
	want := int64(1)
	for _, a := range axes {
		if a < 0 || a > 0 && want > m.most/int64(a) {
			return fmt.Errorf("array %q has axes %d", name, axes)
		}
		want *= int64(a)
	}
	if int64(len(value)) != want {
		return fmt.Errorf("array %q with axes %d needs %d bytes, and has %d", name, axes, want, len(value))
	}
	m.arrays[string(name)] = matArray{axes, value}
	return nil
}
