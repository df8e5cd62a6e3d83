package tiff

import (
	"encoding/binary"
	"fmt"
	"image"
	"math"
)

// decodeFloats reads grey and RGB pictures of floating point, as 16 bits. A picture whose
// values lie from 0 to 1 has that range, another from 0 to 255 has that one. Any other is
// refused, because its range is nowhere stated.
func (p *picture) decodeFloats() (image.Image, error) {
	kept := 1
	if p.photometric == rgb {
		kept = 3
	}
	if int64(p.width) > maxPixels/int64(p.height) {
		return nil, fmt.Errorf("%d×%d pixels", p.width, p.height)
	}
	values, err := p.floats(kept)
	if err != nil {
		return nil, err
	}
	lo, hi := values[0], values[0]
	for _, v := range values {
		if v != v {
			return nil, unsupported("values that are no numbers (NaN)")
		}
		lo, hi = min(lo, v), max(hi, v)
	}
	top := float32(1)
	if hi > 1 {
		top = 255
	}
	if lo < 0 || hi > top {
		return nil, unsupportedf("floating point from %g to %g, outside of 0 to 1 and 0 to 255", lo, hi)
	}
	r := image.Rect(0, 0, p.width, p.height)
	if kept == 1 {
		m := image.NewGray16(r)
		for i, v := range values {
			binary.BigEndian.PutUint16(m.Pix[2*i:], to16(v, top))
		}
		return m, nil
	}
	m := image.NewRGBA64(r)
	for i := range len(values) / 3 {
		for k := range 3 {
			binary.BigEndian.PutUint16(m.Pix[8*i+2*k:], to16(values[3*i+k], top))
		}
		m.Pix[8*i+6], m.Pix[8*i+7] = 0xff, 0xff
	}
	return m, nil
}

// to16 rounds v of 0 to top to 16 bits.
func to16(v, top float32) uint16 { return uint16(float64(v)*65535/float64(top) + 0.5) }

// floats returns the first kept samples of all pixels.
func (p *picture) floats(kept int) ([]float32, error) {
	n, width := p.perBlock(), p.bits/8
	rowBytes := n * p.blockWidth * width
	var values []float32
	err := p.each(func(b block) error {
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
		if values == nil {
			values = make([]float32, p.width*p.height*kept)
		}
		for y := b.y; y < min(b.y+b.h, p.height); y++ {
			row := data[(y-b.y)*rowBytes:]
			for x := range min(b.w, p.width-b.x) {
				for k := range min(n, kept) {
					values[(y*p.width+b.x+x)*kept+b.plane+k] = p.float(row[(x*n+k)*width:])
				}
			}
		}
		return nil
	})
	return values, err
}

// float reads a number of 16, 32 or 64 bits.
func (p *picture) float(b []byte) float32 {
	switch p.bits {
	case 16:
		return half(p.order.Uint16(b))
	case 32:
		return math.Float32frombits(p.order.Uint32(b))
	}
	return float32(math.Float64frombits(p.order.Uint64(b)))
}

// half converts IEEE 754 binary16.
func half(v uint16) float32 {
	sign, exponent, fraction := float64(1), int(v>>10&31), float64(v&1023)
	if v>>15 == 1 {
		sign = -1
	}
	switch exponent {
	case 0:
		return float32(sign * math.Ldexp(fraction, -24))
	case 31:
		if fraction != 0 {
			return float32(math.NaN())
		}
		return float32(math.Inf(int(sign)))
	}
	return float32(sign * math.Ldexp(1024+fraction, exponent-25))
}
