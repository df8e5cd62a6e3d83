package anomem

import (
	"image"
	"io"

	"anomem/imageio"
)

// Image is a picture that a model can take. Its operations are in package imageio.
type Image = imageio.Image

// Decode reads an image for m, as imageio.Range.Decode does by the range of the images that
// m was trained on. Only images of more than 8 bits a channel have one.
func (m *Model) Decode(r io.Reader) (*Image, error) { return m.config.Input.Range.Decode(r) }

// DecodeFile reads an image file as Decode does. Its errors name the path.
func (m *Model) DecodeFile(path string) (*Image, error) {
	return m.config.Input.Range.DecodeFile(path)
}

// DecodeFile reads an image file, as imageio.DecodeFile does. For a model use
// Model.DecodeFile.
func DecodeFile(path string) (*Image, error) { return imageio.DecodeFile(path) }

// Decode reads an image, as imageio.Decode does. For a model use Model.Decode.
func Decode(r io.Reader) (*Image, error) { return imageio.Decode(r) }

// FromImage converts an image of the standard library, as imageio.FromImage does.
func FromImage(src image.Image) *Image { return imageio.FromImage(src) }
