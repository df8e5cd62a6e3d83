package imageio

import (
	"image"
	"io"
	"sync/atomic"
)

// A Decoder decodes images by a Range and counts how many bits they have. Any number of
// goroutines may use one.
type Decoder struct {
	Range Range
	// Allow is given the size that a picture's header claims, in pixels, before any memory
	// for them is spent. Its error ends the decoding. A file with frames may ask twice, for
	// its canvas and for the frame. Nil allows all up to MaxPixels.
	Allow func(w, h int) error

	shallow, deep atomic.Int64
}

// Decode reads an image as Range.Decode does.
func (d *Decoder) Decode(r io.Reader) (*Image, error) {
	m, deep, err := d.Range.conversion().decode(r, d.Allow)
	switch {
	case err != nil:
	case deep:
		d.deep.Add(1)
	default:
		d.shallow.Add(1)
	}
	return m, err
}

// DecodeFile reads an image as Decode does. Its errors name the path.
func (d *Decoder) DecodeFile(path string) (*Image, error) { return decodeFile(path, d.Decode) }

// Depths returns how many images were decoded that have 8 bits a channel, and how many
// that have 16.
func (d *Decoder) Depths() (shallow, deep int) { return int(d.shallow.Load()), int(d.deep.Load()) }

// isDeep reports whether the values of a decoded picture have 16 bits.
func isDeep(m image.Image) bool {
	switch m.(type) {
	case *image.Gray16, *image.NRGBA64, *image.RGBA64:
		return true
	}
	return false
}
