package tiff

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// A directory holds the entries of a picture by their tags.
type directory struct {
	file  file
	order binary.ByteOrder
	entry map[uint16]entry
}

// An entry has values of a type, in the entry or elsewhere in the file.
type entry struct {
	kind  uint16
	count uint64
	at    uint64 // of the values, in the file
}

// widths are the bytes of a value of each type (TIFF 6.0, section 2; BigTIFF: 16 to 18).
var widths = map[uint16]uint64{1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}

var errHeader = errors.New("not the header of a TIFF")

// readDirectory reads the first directory of a TIFF, or of a BigTIFF.
func readDirectory(f file) (*directory, error) {
	b, err := bytesAt(f, 0, 8)
	if err != nil {
		return nil, err
	}
	d := &directory{file: f, order: binary.LittleEndian, entry: map[uint16]entry{}}
	if b[0] == 'M' {
		d.order = binary.BigEndian
	}
	if b[0] != b[1] || b[0] != 'M' && b[0] != 'I' {
		return nil, errHeader
	}
	switch d.order.Uint16(b[2:]) {
	case 42:
		return d, d.read(uint64(d.order.Uint32(b[4:])), 2, 4)
	case 43:
		if d.order.Uint16(b[4:]) != 8 || d.order.Uint16(b[6:]) != 0 {
			return nil, errHeader
		}
		if b, err = bytesAt(f, 8, 8); err != nil {
			return nil, err
		}
		return d, d.read(d.order.Uint64(b), 8, 8)
	}
	return nil, errHeader
}

// read reads the directory at an offset. counter and offset are the bytes of the number
// of entries, and those of counts and offsets.
func (d *directory) read(at, counter, offset uint64) error {
	b, err := bytesAt(d.file, at, counter)
	if err != nil {
		return err
	}
	n := d.uint(b)
	if n > 1<<16 {
		return fmt.Errorf("a directory of %d entries", n)
	}
	size := 4 + 2*offset
	all, err := bytesAt(d.file, at+counter, n*size)
	if err != nil {
		return err
	}
	for i := range n {
		b := all[i*size:][:size]
		tag := d.order.Uint16(b)
		e := entry{kind: d.order.Uint16(b[2:]), count: d.uint(b[4:][:offset])}
		value := b[4+offset:]
		if width := widths[e.kind]; e.count <= uint64(len(value)) && e.count*width <= uint64(len(value)) {
			e.at = at + counter + i*size + 4 + offset
		} else {
			e.at = d.uint(value)
		}
		if _, seen := d.entry[tag]; !seen {
			d.entry[tag] = e
		}
	}
	return nil
}

// uint reads an unsigned number of all of b: 1, 2, 4 or 8 bytes.
func (d *directory) uint(b []byte) uint64 {
	switch len(b) {
	case 1:
		return uint64(b[0])
	case 2:
		return uint64(d.order.Uint16(b))
	case 4:
		return uint64(d.order.Uint32(b))
	}
	return d.order.Uint64(b)
}

// uints returns the first values of a tag, at most so many; nil if it is absent.
func (d *directory) uints(tag uint16, most uint64) ([]uint64, error) {
	e, ok := d.entry[tag]
	if !ok {
		return nil, nil
	}
	switch e.kind {
	case 1, 3, 4, 7, 13, 16, 18:
	default:
		return nil, fmt.Errorf("tag %d has values of type %d", tag, e.kind)
	}
	width, n := widths[e.kind], min(e.count, most)
	b, err := bytesAt(d.file, e.at, n*width)
	if err != nil {
		return nil, err
	}
	v := make([]uint64, n)
	for i := range v {
		v[i] = d.uint(b[uint64(i)*width:][:width])
	}
	return v, nil
}

// first returns the first value of a tag, or another if it is absent.
func (d *directory) first(tag uint16, absent uint64) (uint64, error) {
	v, err := d.uints(tag, 1)
	if err != nil || len(v) == 0 {
		return absent, err
	}
	return v[0], nil
}

// fractions returns n rational numbers of a tag; nil if there are not as many.
func (d *directory) fractions(tag uint16, n uint64) ([]float64, error) {
	e, ok := d.entry[tag]
	if !ok || e.kind != 5 || e.count < n {
		return nil, nil
	}
	b, err := bytesAt(d.file, e.at, 8*n)
	if err != nil {
		return nil, err
	}
	v := make([]float64, n)
	for i := range v {
		v[i] = float64(d.order.Uint32(b[8*i:])) / float64(d.order.Uint32(b[8*i+4:]))
		if math.IsNaN(v[i]) || math.IsInf(v[i], 0) {
			return nil, fmt.Errorf("tag %d has a fraction over 0", tag)
		}
	}
	return v, nil
}
