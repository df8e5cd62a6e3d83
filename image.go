package anomem

import (
	"image"
	"io"

	"anomem/imageio"
)

// Image is a picture that a model can take. Its operations are in package imageio.
type Image = imageio.Image

// DecodeFile reads an image file, as imageio.DecodeFile does.
func DecodeFile(path string) (*Image, error) { return imageio.DecodeFile(path) }

// Decode reads an image, as imageio.Decode does.
func Decode(r io.Reader) (*Image, error) { return imageio.Decode(r) }

// FromImage converts an image of the standard library, as imageio.FromImage does.
func FromImage(src image.Image) *Image { return imageio.FromImage(src) }
