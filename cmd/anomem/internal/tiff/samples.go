package tiff

import (
	"fmt"
	"image"
	"image/color"
)

// A raster holds the samples of a picture in the order of the types of package image: of
// one or two bytes, the upper first, step of them for a pixel.
type raster struct {
	pix         []byte
	width, step int
	bytes       int // of a sample
}

// newRaster returns an empty raster, after a look at whether the picture has the bytes.
func (p *picture) newRaster(step, size int) (*raster, error) {
	if int64(p.width) > maxPixels/int64(p.height) {
		return nil, fmt.Errorf("%d×%d pixels", p.width, p.height)
	}
	return &raster{pix: make([]byte, p.width*p.height*step*size), width: p.width, step: step, bytes: size}, nil
}

// decodeSamples reads pictures of integers.
func (p *picture) decodeSamples() (image.Image, error) {
	kept, premultiplied, err := p.kept()
	if err != nil {
		return nil, err
	}
	step, size := kept, 1
	if kept == 2 || kept == 3 {
		step = 4 // the types of package image have four channels
	}
	if p.bits > 8 {
		size = 2
	}
	m, err := p.newRaster(step, size)
	if err != nil {
		return nil, err
	}
	if err := p.fill(m, kept); err != nil {
		return nil, err
	}
	if p.photometric == whiteIsZero {
		m.invert()
	}
	if kept == 2 {
		m.spreadGrey()
	} else if kept == 3 {
		m.opaque()
	}
	return p.image(m, premultiplied)
}

// fill reads the first kept samples of all pixels into m.
func (p *picture) fill(m *raster, kept int) error {
	n := p.perBlock()
	rowSamples := n * p.blockWidth
	rowBytes := (rowSamples*p.bits + 7) / 8
	row := make([]byte, rowSamples*m.bytes)
	return p.each(func(b block) error {
		if p.planar && b.plane >= kept {
			return nil
		}
		data, err := p.raw(b, rowBytes*b.h)
		if err != nil {
			return err
		}
		if err := p.unpredict(data, b, rowBytes); err != nil {
			return err
		}
		for y := b.y; y < min(b.y+b.h, p.height); y++ {
			p.unpack(row, data[(y-b.y)*rowBytes:][:rowBytes], m.bytes)
			m.put(row, b, y, n, min(n, kept))
		}
		return nil
	})
}

// put copies a row of a block: of each pixel's n samples the first kept.
func (m *raster) put(row []byte, b block, y, n, kept int) {
	w := min(b.w, m.width-b.x)
	dst := m.pix[(y*m.width+b.x)*m.step*m.bytes:]
	if n == m.step && kept == n {
		copy(dst[:w*n*m.bytes], row)
		return
	}
	for x := range w {
		from, to := row[x*n*m.bytes:], dst[(x*m.step+b.plane)*m.bytes:]
		copy(to[:kept*m.bytes], from[:kept*m.bytes])
	}
}

// unpack writes the samples of a row as numbers of one or two bytes. Those of other than
// 8 and 16 bits it stretches to all of 8 or 16, but not the indices of a palette.
func (p *picture) unpack(dst, src []byte, size int) {
	switch {
	case p.bits == 8:
		copy(dst, src)
	case p.bits == 16:
		for i := 0; i+2 <= len(dst); i += 2 {
			v := p.order.Uint16(src[i:])
			dst[i], dst[i+1] = byte(v>>8), byte(v)
		}
	default:
		p.unpackBits(dst, src, size)
	}
}

func (p *picture) unpackBits(dst, src []byte, size int) {
	largest := uint32(1)<<p.bits - 1
	to := uint32(1)<<(8*size) - 1
	at := 0
	for i := 0; i < len(dst); i += size {
		// A sample of up to 15 bits lies in three bytes.
		var three uint32
		for k := range 3 {
			three <<= 8
			if j := at/8 + k; j < len(src) {
				three |= uint32(src[j])
			}
		}
		v := three >> (24 - at%8 - p.bits) & largest
		at += p.bits
		if p.photometric != palette {
			v = (v*to + largest/2) / largest
		}
		if size == 1 {
			dst[i] = byte(v)
		} else {
			dst[i], dst[i+1] = byte(v>>8), byte(v)
		}
	}
}

// invert inverts the first sample of each pixel.
func (m *raster) invert() {
	for i := 0; i < len(m.pix); i += m.step * m.bytes {
		for k := range m.bytes {
			m.pix[i+k] ^= 0xff
		}
	}
}

// spreadGrey makes grey and transparency red, green, blue and transparency.
func (m *raster) spreadGrey() {
	s := m.bytes
	for i := 0; i < len(m.pix); i += 4 * s {
		d := m.pix[i:][:4*s]
		copy(d[3*s:], d[s:2*s])
		copy(d[s:], d[:s])
		copy(d[2*s:3*s], d[:s])
	}
}

// opaque sets the transparency of all pixels to none.
func (m *raster) opaque() {
	for i := 3 * m.bytes; i < len(m.pix); i += 4 * m.bytes {
		for k := range m.bytes {
			m.pix[i+k] = 0xff
		}
	}
}

// image returns the picture as a type of package image that has the same samples.
func (p *picture) image(m *raster, premultiplied bool) (image.Image, error) {
	r, stride := image.Rect(0, 0, p.width, p.height), p.width*m.step*m.bytes
	switch {
	case p.photometric == palette:
		colours, err := p.palette()
		if err != nil {
			return nil, err
		}
		return &image.Paletted{Pix: m.pix, Stride: stride, Rect: r, Palette: colours}, nil
	case p.photometric == cmyk:
		return m.cmyk(r), nil
	case m.step == 1 && m.bytes == 1:
		return &image.Gray{Pix: m.pix, Stride: stride, Rect: r}, nil
	case m.step == 1:
		return &image.Gray16{Pix: m.pix, Stride: stride, Rect: r}, nil
	case m.bytes == 1 && (premultiplied || p.samples == 3):
		return &image.RGBA{Pix: m.pix, Stride: stride, Rect: r}, nil
	case m.bytes == 1:
		return &image.NRGBA{Pix: m.pix, Stride: stride, Rect: r}, nil
	case premultiplied || p.samples == 3:
		return &image.RGBA64{Pix: m.pix, Stride: stride, Rect: r}, nil
	}
	return &image.NRGBA64{Pix: m.pix, Stride: stride, Rect: r}, nil
}

// cmyk returns 8 bits of each ink, rounded.
func (m *raster) cmyk(r image.Rectangle) image.Image {
	if m.bytes == 2 {
		for i := range len(m.pix) / 2 {
			v := uint32(m.pix[2*i])<<8 | uint32(m.pix[2*i+1])
			m.pix[i] = byte((v + 128) / 257)
		}
		m.pix = m.pix[:len(m.pix)/2]
	}
	return &image.CMYK{Pix: m.pix, Stride: 4 * m.width, Rect: r}
}

// palette returns the colours of a palette. Its numbers have 16 bits, but many programs
// write 8 bits, as they are or in the upper byte.
func (p *picture) palette() (color.Palette, error) {
	v, err := p.uints(320, 3*256+1)
	if err != nil {
		return nil, err
	}
	n := len(v) / 3
	if n < 1 || n > 256 || len(v) != 3*n {
		return nil, fmt.Errorf("a palette of %d numbers", p.entry[320].count)
	}
	var low, high uint64
	for _, c := range v {
		low, high = low|c&0xff, high|c>>8
	}
	colours := make(color.Palette, n)
	for i := range colours {
		var c [3]uint16
		for k := range c {
			c[k] = uint16(v[k*n+i])
			switch {
			case high == 0:
				c[k] *= 257
			case low == 0:
				c[k] |= c[k] >> 8
			}
		}
		colours[i] = color.RGBA64{c[0], c[1], c[2], 0xffff}
	}
	return colours, nil
}
