// Package tiff reads the first picture of a TIFF or BigTIFF.
//
// It reads grey, RGB, palette, CMYK and YCbCr pictures of 1 to 16 bits a sample and of
// floating point, in strips and tiles, chunky and planar, in both orders of bytes and of
// bits, as they are or compressed by CCITT groups 3 and 4, LZW, Deflate, PackBits or JPEG.
//
// golang.org/x/image/tiff inverts faxes in which zero is black, garbles planes, and lacks
// BigTIFF, CMYK, YCbCr, floating point, JPEG, and other depths than 1, 8 and 16 bits.
//
// Importing the package registers the format "tiff" with package image.
package tiff

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"io"
)

func init() {
	for _, magic := range []string{"II*\x00", "MM\x00*", "II+\x00", "MM\x00+"} {
		image.RegisterFormat("tiff", magic, Decode, DecodeConfig)
	}
}

// An unsupported error names a feature that a sound file has and this package does not
// read.
type unsupported string

func (e unsupported) Error() string { return "unsupported feature: " + string(e) }

func unsupportedf(format string, args ...any) error {
	return unsupported(fmt.Sprintf(format, args...))
}

// A file is a TIFF in any place, of a known length.
type file interface {
	io.ReaderAt
	Size() int64
}

func open(r io.Reader) (file, error) {
	if f, ok := r.(file); ok {
		return f, nil
	}
	data, err := io.ReadAll(r)
	return bytes.NewReader(data), err
}

// bytesAt returns n bytes from an offset. It allocates no more than the file holds.
func bytesAt(f file, at, n uint64) ([]byte, error) {
	size := uint64(f.Size())
	if at > size || n > size-at {
		f.ReadAt(make([]byte, 1), int64(size)) // tells a caller who watches that the file is too short
		return nil, io.ErrUnexpectedEOF
	}
	b := make([]byte, n)
	if _, err := f.ReadAt(b, int64(at)); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return b, nil
}

// DecodeConfig returns the size and the kind of colours.
func DecodeConfig(r io.Reader) (image.Config, error) {
	p, err := openPicture(r)
	if err != nil {
		return image.Config{}, err
	}
	model := color.RGBA64Model
	if p.photometric <= blackIsZero {
		model = color.Gray16Model
	}
	return image.Config{Width: p.width, Height: p.height, ColorModel: model}, nil
}

// Decode returns the first picture, not turned by its orientation.
func Decode(r io.Reader) (image.Image, error) {
	p, err := openPicture(r)
	if err != nil {
		return nil, err
	}
	if p.compression == jpegCodec {
		return p.decodeJPEG()
	}
	if p.photometric == ycbcr {
		return p.decodeYCbCr()
	}
	if p.format == floats {
		return p.decodeFloats()
	}
	return p.decodeSamples()
}
