package tiff

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/jpeg"

	"anomem/imageio"
)

// decodeJPEG reads strips or tiles that are JPEGs whose tables may lie in a tag (Adobe
// Photoshop TIFF Technical Note 2).
func (p *picture) decodeJPEG() (image.Image, error) {
	if p.planar {
		return nil, unsupported("JPEG in planes")
	}
	tables, err := p.jpegTables()
	if err != nil {
		return nil, err
	}
	var dst *raster
	step := map[uint64]int{blackIsZero: 1, whiteIsZero: 1, rgb: 4, ycbcr: 4, cmyk: 4}[p.photometric]
	if step == 0 {
		return nil, unsupportedf("JPEG for photometric interpretation %d", p.photometric)
	}
	err = p.each(func(b block) error {
		data, err := p.stored(b, 0)
		if err != nil {
			return err
		}
		if len(data) < 2 || data[0] != 0xff || data[1] != 0xd8 {
			return errors.New("a strip or tile is no JPEG")
		}
		if dst == nil {
			if dst, err = p.newRaster(step, 1); err != nil {
				return err
			}
		}
		return p.paste(dst, b, bytes.Join([][]byte{[]byte("\xff\xd8"), p.adobe(), tables, data[2:]}, nil))
	})
	if err != nil {
		return nil, err
	}
	if p.photometric == whiteIsZero {
		dst.invert()
	}
	if p.photometric == rgb || p.photometric == ycbcr {
		dst.opaque()
		return &image.RGBA{Pix: dst.pix, Stride: 4 * p.width, Rect: image.Rect(0, 0, p.width, p.height)}, nil
	}
	return p.image(dst, false)
}

// jpegTables returns the segments of tag 347, a JPEG without pixels.
func (p *picture) jpegTables() ([]byte, error) {
	e, ok := p.entry[347]
	if !ok {
		return nil, nil
	}
	t, err := bytesAt(p.file, e.at, e.count)
	if err != nil {
		return nil, err
	}
	if t, ok = bytes.CutPrefix(t, []byte("\xff\xd8")); ok {
		t, ok = bytes.CutSuffix(t, []byte("\xff\xd9"))
	}
	if !ok {
		return nil, errors.New("the tables of JPEG are broken")
	}
	return t, nil
}

// adobe returns a segment that tells a decoder not to convert colours, where they are not
// YCbCr.
func (p *picture) adobe() []byte {
	if p.photometric == ycbcr || p.photometric <= blackIsZero {
		return nil
	}
	return []byte("\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x00")
}

// paste decodes a JPEG and copies it to where its block is.
func (p *picture) paste(dst *raster, b block, data []byte) error {
	config, err := jpeg.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return err
	}
	w, h := min(b.w, p.width-b.x), min(b.h, p.height-b.y)
	if config.Width < w || config.Height < h || config.Width > b.w+15 || config.Height > b.h+15 {
		return fmt.Errorf("a JPEG of %d×%d for a strip or tile of %d×%d", config.Width, config.Height, b.w, b.h)
	}
	m, err := jpeg.Decode(bytes.NewReader(data))
	if err != nil {
		return err
	}
	var pix []byte
	step := dst.step
	switch src := m.(type) {
	case *image.Gray:
		if dst.step != 1 {
			return errors.New("a grey JPEG in a picture of colours")
		}
		pix = trim(src.Pix, src.Stride, w, h)
	case *image.CMYK:
		if p.photometric != cmyk {
			return errors.New("a JPEG of four inks in a picture of other colours")
		}
		pix = trim(src.Pix, src.Stride, 4*w, h)
		for i := range pix {
			pix[i] ^= 0xff // the decoder takes Adobe's inks for inverted
		}
	default:
		if p.photometric != rgb && p.photometric != ycbcr {
			return errors.New("a JPEG of colours in a picture of others")
		}
		c := imageio.FromImage(m)
		pix, step = trim(c.Pix, 3*c.W, 3*w, h), 3
	}
	for y := range h {
		for x := range w {
			copy(dst.pix[((b.y+y)*dst.width+b.x+x)*dst.step:][:step], pix[(y*w+x)*step:])
		}
	}
	return nil
}

// trim returns the first bytes of each of h rows.
func trim(pix []byte, stride, bytes, h int) []byte {
	rows := make([]byte, 0, bytes*h)
	for y := range h {
		rows = append(rows, pix[y*stride:][:bytes]...)
	}
	return rows
}
