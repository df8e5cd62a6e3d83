// Package pnm reads the first picture of a Netpbm file: PBM, PGM and PPM, as text and as
// bytes (P1 to P6), with values of up to 16 bits.
//
// Importing the package registers the format "pnm" with package image.
package pnm

import (
	"bufio"
	"errors"
	"fmt"
	"image"
	"image/color"
	"io"
)

func init() {
	for _, magic := range []string{"P1", "P2", "P3", "P4", "P5", "P6"} {
		for _, space := range []string{" ", "\n", "\r", "\t", "#"} {
			image.RegisterFormat("pnm", magic+space, Decode, DecodeConfig)
		}
	}
}

// maxPixels bounds what is allocated, as imageio.MaxPixels.
const maxPixels = 1 << 27

// A reader reads a file whose header it has read.
type reader struct {
	*bufio.Reader
	kind   byte // '1' to '6'
	w, h   int
	most   uint32 // the value of white
	values int    // of a pixel
}

// DecodeConfig returns the size and the kind of colours.
func DecodeConfig(r io.Reader) (image.Config, error) {
	f, err := open(r)
	if err != nil {
		return image.Config{}, err
	}
	model := color.Gray16Model
	if f.values == 3 {
		model = color.RGBA64Model
	}
	return image.Config{Width: f.w, Height: f.h, ColorModel: model}, nil
}

func open(r io.Reader) (*reader, error) {
	f := &reader{Reader: bufio.NewReader(r), most: 1, values: 1}
	var magic [2]byte
	if _, err := io.ReadFull(f, magic[:]); err != nil {
		return nil, unexpected(err)
	}
	if f.kind = magic[1]; magic[0] != 'P' || f.kind < '1' || f.kind > '6' {
		return nil, errors.New("not the header of a Netpbm picture")
	}
	var size [2]uint32
	for i := range size {
		v, err := f.number(1<<31 - 1)
		if err != nil {
			return nil, err
		}
		size[i] = v
	}
	f.w, f.h = int(size[0]), int(size[1])
	if f.kind != '1' && f.kind != '4' {
		v, err := f.number(1<<16 - 1)
		if err != nil {
			return nil, err
		}
		if f.most = v; v == 0 {
			return nil, errors.New("white has the value 0")
		}
	}
	if f.kind == '3' || f.kind == '6' {
		f.values = 3
	}
	return f, nil
}

// number reads a decimal number after white space and comments, and the one byte of white
// space that ends it.
func (f *reader) number(most uint32) (uint32, error) {
	b, err := f.ReadByte()
	for ; err == nil && (space(b) || b == '#'); b, err = f.ReadByte() {
		for b == '#' && err == nil {
			if _, err = f.ReadSlice('\n'); errors.Is(err, bufio.ErrBufferFull) {
				err = nil // a long comment goes on
			} else {
				break
			}
		}
		if err != nil {
			break
		}
	}
	if err != nil {
		return 0, unexpected(err)
	}
	v := uint32(0)
	for digits := 0; ; digits++ {
		if b < '0' || b > '9' {
			if digits == 0 || !space(b) && b != '#' {
				return 0, fmt.Errorf("%q where a number should be", b)
			}
			if b == '#' {
				return v, f.UnreadByte()
			}
			return v, nil
		}
		v = v*10 + uint32(b-'0')
		if v > most {
			return 0, fmt.Errorf("a number above %d", most)
		}
		if b, err = f.ReadByte(); err == io.EOF {
			return v, nil
		} else if err != nil {
			return 0, err
		}
	}
}

func space(b byte) bool { return b == ' ' || '\t' <= b && b <= '\r' }

func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// Decode returns the picture: grey or colours, of 8 bits if white is at most 255.
func Decode(r io.Reader) (image.Image, error) {
	f, err := open(r)
	if err != nil {
		return nil, err
	}
	if f.w < 1 || f.h < 1 || int64(f.w) > maxPixels/int64(f.h) {
		return nil, fmt.Errorf("%d×%d pixels", f.w, f.h)
	}
	m, put := f.image(make([]uint16, f.w*f.values))
	if err := put(); err != nil {
		return nil, err
	}
	return m, nil
}

// image returns an empty picture, and what reads its pixels.
func (f *reader) image(row []uint16) (m image.Image, read func() error) {
	rect := image.Rect(0, 0, f.w, f.h)
	var put func(y int)
	switch {
	case f.values == 1 && f.most < 256:
		g := image.NewGray(rect)
		m, put = g, func(y int) {
			for x, v := range row {
				g.Pix[y*f.w+x] = byte(v)
			}
		}
	case f.values == 1:
		g := image.NewGray16(rect)
		m, put = g, func(y int) {
			for x, v := range row {
				put16(g.Pix[2*(y*f.w+x):], v)
			}
		}
	case f.most < 256:
		c := image.NewRGBA(rect)
		m, put = c, func(y int) {
			for x := range f.w {
				d, s := c.Pix[4*(y*f.w+x):], row[3*x:]
				d[0], d[1], d[2], d[3] = byte(s[0]), byte(s[1]), byte(s[2]), 255
			}
		}
	default:
		c := image.NewRGBA64(rect)
		m, put = c, func(y int) {
			for x := range f.w {
				d, s := c.Pix[8*(y*f.w+x):], row[3*x:]
				put16(d, s[0])
				put16(d[2:], s[1])
				put16(d[4:], s[2])
				put16(d[6:], 0xffff)
			}
		}
	}
	return m, func() error { return f.rows(row, put) }
}

func put16(b []byte, v uint16) { b[0], b[1] = byte(v>>8), byte(v) }
