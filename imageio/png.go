package imageio

import (
	"image"
	"image/color"
	"image/png"
	"os"
)

// WritePNG writes an image to a PNG file at path, which it creates or replaces.
func WritePNG(path string, img image.Image) error {
	return WritePNGLevel(path, img, png.DefaultCompression)
}

// WritePNGLevel is WritePNG at a compression level.
func WritePNGLevel(path string, img image.Image, level png.CompressionLevel) (err error) {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() {
		if e := f.Close(); err == nil {
			err = e
		}
	}()
	return (&png.Encoder{CompressionLevel: level}).Encode(f, img)
}

// ToImage returns an image for the encoders of package image: white where the mask marks,
// black elsewhere.
func (m *Mask) ToImage() *image.Paletted {
	dst := image.NewPaletted(image.Rect(0, 0, m.W, m.H), color.Palette{color.Gray{0}, color.Gray{255}})
	for i, in := range m.Pix {
		if in {
			dst.Pix[i] = 1
		}
	}
	return dst
}
