package dataset

import (
	"image"
	"image/color"
	_ "image/gif"
	_ "image/jpeg"
	_ "image/png"
	"io"

	"anomem"
)

// decode reads a picture of a format that is registered with package image, as it
// lies in the file.
func decode(r io.Reader) (*anomem.Image, error) {
	src, _, err := image.Decode(r)
	if err != nil {
		return nil, err
	}
	b := src.Bounds()
	img := anomem.NewImage(b.Dx(), b.Dy())
	at := 0
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			c := color.NRGBAModel.Convert(src.At(x, y)).(color.NRGBA)
			img.Pix[at], img.Pix[at+1], img.Pix[at+2] = c.R, c.G, c.B
			at += 3
		}
	}
	return img, nil
}
