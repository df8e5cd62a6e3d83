package imageio

import (
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	_ "image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"strings"
)

// MaxPixels is the most pixels of an image that Decode takes, 11585×11585: more than
// cameras have, and at most 1 GiB in a decoder that holds eight bytes a pixel. Decode
// checks the header before it allocates, because a file of a few bytes can claim any
// size.
const MaxPixels = 1 << 27

// maxBytes is the longest file: MaxPixels pixels of eight bytes, uncompressed.
const maxBytes = 8 * MaxPixels

// Decode reads an image of any format that is registered with package image: PNG, JPEG
// and GIF, and those that the program imports. Of a file with several pictures it reads
// the first. It turns the image upright by the EXIF orientation (1 to 8) of a JPEG, PNG,
// WebP or TIFF; broken EXIF data count as orientation 1. It converts colours as
// FromImage does, but expands the limited range of a lossy WebP.
//
// Decode reads a regular file, or another reader with ReadAt and Seek, in place. Of other
// readers it holds all bytes in memory.
//
// Decode fails, with the reason, for an image that is empty, cut off or broken, of an
// unknown format, or of more than MaxPixels pixels, and where a decoder panics. The error
// wraps a *FormatError if no decoder takes the file.
func Decode(r io.Reader) (*Image, error) { return Range{}.Decode(r) }

// DecodeFile reads an image as Decode does. Its errors name the path.
func DecodeFile(path string) (*Image, error) {
	return decodeFile(path, Decode)
}

func decodeFile[T any](path string, decode func(io.Reader) (*T, error)) (*T, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err // names the path by itself
	}
	defer f.Close()
	m, err := decode(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

// decode also reports whether the picture has 16 bits a channel.
func (c conversion) decode(r io.Reader, allow sizeCheck) (m *Image, deep bool, err error) {
	p, err := readPicture(r, allow)
	if err != nil {
		return nil, false, err
	}
	c.limited = p.limited
	return c.upright(p.Image, p.orientation), isDeep(p.stored()), nil
}

// A picture is what a decoder makes of a file.
type picture struct {
	image.Image
	format      string // as it is registered with package image
	orientation int    // of EXIF, 1 to 8
	limited     bool   // YCbCr has the limited range of video
	lossy       bool   // values are about those that were stored
}

// stored returns the picture without a frame around it.
func (p *picture) stored() image.Image {
	if f, ok := p.Image.(*framed); ok {
		return f.Image
	}
	return p.Image
}

// readPicture decodes a file whose size allow accepts; nil: any up to MaxPixels.
func readPicture(r io.Reader, allow sizeCheck) (*picture, error) {
	file, err := openSource(r)
	if err != nil {
		return nil, err
	}
	m, format, err := decodePicture(file, allow)
	if err != nil {
		var f *FormatError
		if errors.As(err, &f) {
			f.suffix = suffix(r)
		}
		return nil, err
	}
	p := &picture{Image: m, format: format, orientation: orientation(format, file)}
	switch p.stored().(type) {
	case *image.YCbCr, *image.NYCbCrA:
		p.limited = format == "webp"
		p.lossy = true
	}
	p.lossy = p.lossy || format == "jpeg"
	return p, nil
}

// decodePicture checks the header of an image file, decodes it, and returns it with the
// name of its format.
func decodePicture(file *io.SectionReader, allow sizeCheck) (m image.Image, format string, err error) {
	// Decoders index by values from the file. One bad file must not end a program that
	// reads a thousand.
	defer func() {
		if r := recover(); r != nil {
			m, err = nil, fmt.Errorf("the decoder panicked, the image must be broken: %v", r)
		}
	}()
	frame, err := animatedWebP(file)
	if err != nil {
		return nil, "webp", err
	}
	if frame != nil {
		if err := allow.check("webp", frame.canvas.X, frame.canvas.Y); err != nil {
			return nil, "webp", err
		}
		file = frame.file
	}
	header := watch(file)
	config, format, err := image.DecodeConfig(header)
	if errors.Is(err, image.ErrFormat) {
		return nil, "", &FormatError{Kind: sniffFile(file)}
	} else if err != nil {
		return nil, format, header.explain(format, err)
	}
	w, h := config.Width, config.Height
	if err := allow.check(format, w, h); err != nil {
		return nil, format, err
	}
	body := watch(file)
	m, format, err = image.Decode(body)
	if err != nil {
		return nil, format, body.explain(format, err)
	}
	if err := checkPalette(m); err != nil {
		return nil, format, fmt.Errorf("broken %s: %w", format, err)
	}
	screen := image.Rect(0, 0, w, h)
	if b := m.Bounds(); b.Empty() || !b.In(screen) {
		return nil, format, fmt.Errorf("broken %s: the picture covers %v, the header says %v", format, b, screen)
	} else if b != screen {
		m = &framed{Image: m, screen: screen} // a GIF whose first frame leaves a margin
	}
	if frame != nil {
		canvas := image.Rectangle{Max: frame.canvas}
		if b := m.Bounds().Add(frame.at); !b.In(canvas) {
			return nil, format, fmt.Errorf("broken %s: the picture covers %v, the header says %v", format, b, canvas)
		} else if b != canvas {
			m = &framed{Image: m, screen: canvas, at: frame.at}
		}
	}
	return m, format, nil
}

// A sizeCheck says by an error which pictures are not decoded; nil takes all.
type sizeCheck func(w, h int) error

// check refuses pictures without pixels, those with too many, and those that allow refuses.
func (allow sizeCheck) check(format string, w, h int) error {
	if w <= 0 || h <= 0 {
		return fmt.Errorf("the %s has no pixels: %d×%d", format, w, h)
	}
	if int64(w) > MaxPixels/int64(h) {
		return fmt.Errorf("the %s claims %d×%d pixels, more than %d: cut or shrink it", format, w, h, MaxPixels)
	}
	if allow != nil {
		return allow(w, h)
	}
	return nil
}

// explain returns a decoder's error with its cause: a file that could not be read, one of
// a kind that the decoder does not read, one cut off, or a broken one.
func (w *watched) explain(format string, err error) error {
	switch {
	case w.failed != nil:
		return w.failed
	case unsupported(err) && format == "bmp":
		// The decoder does not say what it lacks. The header does.
		if b := head(w.file, 34); len(b) == 34 {
			err = fmt.Errorf("%w: %d bits a pixel, compression %d", err, binary.LittleEndian.Uint16(b[28:]), binary.LittleEndian.Uint32(b[30:]))
		}
		fallthrough
	case unsupported(err):
		return fmt.Errorf("a %s with a feature that this program does not read: %w: convert it to PNG or baseline JPEG", format, err)
	case w.ended:
		return fmt.Errorf("the %s is cut off: %w", format, err)
	}
	return fmt.Errorf("broken %s: %w", format, err)
}

// unsupported reports whether a decoder says that it lacks a feature of its format.
func unsupported(err error) bool {
	var j jpeg.UnsupportedError
	var p png.UnsupportedError
	return errors.As(err, &j) || errors.As(err, &p) || strings.Contains(err.Error(), "unsupported")
}

// checkPalette returns an error if a pixel has no colour, which some decoders accept.
func checkPalette(m image.Image) error {
	p, ok := m.(*image.Paletted)
	if !ok || len(p.Palette) > 255 {
		return nil
	}
	for y := p.Rect.Min.Y; y < p.Rect.Max.Y; y++ {
		for x, i := range p.Pix[p.PixOffset(p.Rect.Min.X, y):][:p.Rect.Dx()] {
			if int(i) >= len(p.Palette) {
				return fmt.Errorf("pixel (%d, %d) has colour %d of a palette of %d", p.Rect.Min.X+x, y, i, len(p.Palette))
			}
		}
	}
	return nil
}
