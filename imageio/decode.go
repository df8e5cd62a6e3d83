package imageio

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	_ "image/gif"
	_ "image/jpeg"
	_ "image/png"
	"io"
	"os"
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
// FromImage does.
//
// Decode fails, with the reason, for an image that is empty, cut off or broken, of an
// unknown format, or of more than MaxPixels pixels, and where a decoder panics.
func Decode(r io.Reader) (*Image, error) { return decode(r, onWhite) }

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

func decode(r io.Reader, p paper) (*Image, error) {
	// The whole file: PNG and WebP may put the orientation after the pixels.
	data, err := readAtMost(r, maxBytes)
	if err != nil {
		return nil, err
	}
	picture, format, err := decodePicture(data)
	if err != nil {
		return nil, err
	}
	return fromImage(picture, p).upright(orientation(format, data)), nil
}

// readAtMost returns all of r. It fails if that is nothing or more than n bytes.
func readAtMost(r io.Reader, n int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, n+1))
	if err != nil {
		return nil, unpath(err)
	}
	if int64(len(data)) > n {
		return nil, fmt.Errorf("the image file is longer than %d bytes", n)
	}
	if len(data) == 0 {
		return nil, errors.New("the image file is empty")
	}
	return data, nil
}

// unpath takes the path out of an error, because DecodeFile adds it.
func unpath(err error) error {
	var p *os.PathError
	if errors.As(err, &p) {
		return fmt.Errorf("%s: %w", p.Op, p.Err)
	}
	return err
}

// decodePicture checks the header of the image in data, decodes it, and returns it with
// the name of its format.
func decodePicture(data []byte) (picture image.Image, format string, err error) {
	// Decoders index by values from the file. One bad file must not end a program that
	// reads a thousand.
	defer func() {
		if r := recover(); r != nil {
			picture, err = nil, fmt.Errorf("the decoder panicked, the image must be broken: %v", r)
		}
	}()
	header := &watched{r: bytes.NewReader(data)}
	config, format, err := image.DecodeConfig(header)
	if errors.Is(err, image.ErrFormat) {
		return nil, "", fmt.Errorf("%w: the file starts with % x, unlike any format that this program reads", err, data[:min(len(data), 8)])
	} else if err != nil {
		return nil, format, header.explain(format, err)
	}
	w, h := config.Width, config.Height
	if w <= 0 || h <= 0 {
		return nil, format, fmt.Errorf("the %s has no pixels: %d×%d", format, w, h)
	}
	if int64(w) > MaxPixels/int64(h) {
		return nil, format, fmt.Errorf("the %s claims %d×%d pixels, more than %d: cut or shrink it", format, w, h, MaxPixels)
	}
	body := &watched{r: bytes.NewReader(data)}
	picture, format, err = image.Decode(body)
	if err != nil {
		return nil, format, body.explain(format, err)
	}
	if err := checkPalette(picture); err != nil {
		return nil, format, fmt.Errorf("broken %s: %w", format, err)
	}
	screen := image.Rect(0, 0, w, h)
	if b := picture.Bounds(); b.Empty() || !b.In(screen) {
		return nil, format, fmt.Errorf("broken %s: the picture covers %v, the header says %v", format, b, screen)
	} else if b != screen {
		picture = &framed{picture, screen} // a GIF whose first frame leaves a margin
	}
	return picture, format, nil
}

// watched records whether a decoder asked for bytes beyond the end. The errors of some
// decoders do not distinguish that from wrong bytes.
type watched struct {
	r     *bytes.Reader
	ended bool
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	w.ended = w.ended || err == io.EOF
	return n, err
}

// explain returns a decoder's error with its cause: a file cut off, or broken.
func (w *watched) explain(format string, err error) error {
	if w.ended {
		return fmt.Errorf("the %s is cut off: %w", format, err)
	}
	return fmt.Errorf("broken %s: %w", format, err)
}

// checkPalette returns an error if a pixel has no colour, which some decoders accept.
func checkPalette(picture image.Image) error {
	p, ok := picture.(*image.Paletted)
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
