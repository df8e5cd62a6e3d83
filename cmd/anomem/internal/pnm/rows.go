package pnm

import (
	"fmt"
	"io"
)

// rows reads the rows of a picture, and calls done for each. Values are stretched to 8
// bits if white is at most 255, else to 16, and rounded.
func (f *reader) rows(row []uint16, done func(y int)) error {
	read := f.bytes
	switch {
	case f.kind <= '3':
		read = f.text
	case f.kind == '4':
		read = f.bits
	}
	to := uint32(255)
	if f.most > 255 {
		to = 65535
	}
	for y := range f.h {
		if err := read(row); err != nil {
			return err
		}
		for i, v := range row {
			if uint32(v) > f.most {
				return fmt.Errorf("the value %d, above white, %d", v, f.most)
			}
			row[i] = uint16((uint32(v)*to + f.most/2) / f.most)
		}
		done(y)
	}
	return nil
}

// bytes reads values of one byte, or of two if white is above 255, the upper first.
func (f *reader) bytes(row []uint16) error {
	width := 1
	if f.most > 255 {
		width = 2
	}
	b := make([]byte, width*len(row))
	if _, err := io.ReadFull(f, b); err != nil {
		return unexpected(err)
	}
	for i := range row {
		row[i] = uint16(b[width*i])
		if width == 2 {
			row[i] = row[i]<<8 | uint16(b[2*i+1])
		}
	}
	return nil
}

// bits reads rows of whole bytes, in which a 1 is black.
func (f *reader) bits(row []uint16) error {
	b := make([]byte, (len(row)+7)/8)
	if _, err := io.ReadFull(f, b); err != nil {
		return unexpected(err)
	}
	for i := range row {
		row[i] = uint16(^b[i/8] >> (7 - i%8) & 1)
	}
	return nil
}

// text reads numbers. Those of a PBM are single digits, with or without space between
// them, and 1 is black.
func (f *reader) text(row []uint16) error {
	for i := range row {
		if f.kind != '1' {
			v, err := f.number(1<<16 - 1)
			if err != nil {
				return err
			}
			row[i] = uint16(v)
			continue
		}
		b, err := f.ReadByte()
		for ; err == nil && space(b); b, err = f.ReadByte() {
		}
		if err != nil {
			return unexpected(err)
		}
		if b != '0' && b != '1' {
			return fmt.Errorf("%q where 0 or 1 should be", b)
		}
		row[i] = uint16('1' - b)
	}
	return nil
}
