package tiff

import (
	"fmt"
	"image"
	"math"
)

// decodeYCbCr reads YCbCr that is not JPEG (TIFF 6.0, section 21). In a chunky picture a
// group of across·down Y comes before the Cb and Cr that they share.
func (p *picture) decodeYCbCr() (image.Image, error) {
	if p.bits != 8 || p.samples != 3 {
		return nil, unsupportedf("YCbCr of %d samples of %d bits", p.samples, p.bits)
	}
	ratio, err := p.uints(530, 2)
	if err != nil {
		return nil, err
	}
	h, v := 2, 2
	if len(ratio) == 2 {
		h, v = int(ratio[0]), int(ratio[1])
	}
	if h != 1 && h != 2 && h != 4 || v != 1 && v != 2 && v != 4 {
		return nil, fmt.Errorf("%d×%d pixels share their colour", h, v)
	}
	if p.planar && h*v > 1 || p.predictor != 1 && p.compression != uncompressed && h*v > 1 {
		return nil, unsupported("YCbCr in planes or with a predictor")
	}
	m, err := p.newRaster(4, 1)
	if err != nil {
		return nil, err
	}
	if h*v == 1 {
		err = p.fill(m, 3)
	} else {
		err = p.fillGroups(m, h, v)
	}
	if err != nil {
		return nil, err
	}
	if err := p.toRGB(m); err != nil {
		return nil, err
	}
	m.opaque()
	return &image.RGBA{Pix: m.pix, Stride: 4 * p.width, Rect: image.Rect(0, 0, p.width, p.height)}, nil
}

// fillGroups reads pixels that share their colour by h×v.
func (p *picture) fillGroups(m *raster, h, v int) error {
	group := h*v + 2
	return p.each(func(b block) error {
		across, down := (b.w+h-1)/h, (b.h+v-1)/v
		data, err := p.raw(b, across*down*group)
		if err != nil {
			return err
		}
		for y := b.y; y < min(b.y+b.h, p.height); y++ {
			for x := b.x; x < min(b.x+b.w, p.width); x++ {
				i, j := x-b.x, y-b.y
				g := data[(j/v*across+i/h)*group:][:group]
				d := m.pix[4*(y*p.width+x):]
				d[0], d[1], d[2] = g[j%v*h+i%h], g[h*v], g[h*v+1]
			}
		}
		return nil
	})
}

// toRGB converts all pixels: codes to YCbCr by the reference black and white, and that to
// RGB by the shares of red, green and blue in Y.
func (p *picture) toRGB(m *raster) error {
	luma := []float64{0.299, 0.587, 0.114}
	reference := []float64{0, 255, 128, 255, 128, 255}
	for _, t := range []struct {
		tag uint16
		to  *[]float64
	}{{529, &luma}, {532, &reference}} {
		v, err := p.fractions(t.tag, uint64(len(*t.to)))
		if err != nil {
			return err
		}
		if v != nil {
			*t.to = v
		}
	}
	if !(luma[1] > 0) {
		return fmt.Errorf("green has a share of %g in Y", luma[1])
	}
	var scale [3]float64
	for k := range scale {
		black, white, full := reference[2*k], reference[2*k+1], 127.
		if k == 0 {
			full = 255
		}
		if !(white > black) {
			return fmt.Errorf("reference black %g, white %g", black, white)
		}
		scale[k] = full / (white - black)
	}
	for i := 0; i < len(m.pix); i += 4 {
		d := m.pix[i:][:4]
		y := float64((float64(d[0]) - reference[0]) * scale[0])
		cb := float64((float64(d[1]) - reference[2]) * scale[1])
		cr := float64((float64(d[2]) - reference[4]) * scale[2])
		// Conversions keep the compiler from fusing, so that bits are the same everywhere.
		r := y + float64(cr*(2-float64(2*luma[0])))
		b := y + float64(cb*(2-float64(2*luma[2])))
		g := (y - float64(luma[2]*b) - float64(luma[0]*r)) / luma[1]
		d[0], d[1], d[2] = toByte(r), toByte(g), toByte(b)
	}
	return nil
}

func toByte(v float64) byte { return byte(math.Floor(min(max(v, 0), 255) + 0.5)) }
