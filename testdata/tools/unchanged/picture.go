package main

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
)

// picture is a striped image with noise that follows from its fields, and a blot where it
// is an anomaly.
type picture struct {
	seed, w, h int
	grey, blot bool
}

// inBlot tells whether the pixel is part of the blot.
func (p picture) inBlot(x, y int) bool {
	dx, dy := x-p.w/4-p.seed%(p.w/2), y-p.h/4-p.seed*7%(p.h/2)
	r := min(p.w, p.h) / 6
	return p.blot && dx*dx+dy*dy <= r*r
}

// pixel returns the red, green and blue of a pixel.
func (p picture) pixel(x, y int) [3]byte {
	noise := uint32(p.seed)*2654435761 ^ uint32(x)*40503 ^ uint32(y)*2246822519
	noise ^= noise >> 15
	noise *= 2246822519
	noise ^= noise >> 13
	v := 70 + (x*3+y*2+p.seed*11)%64 + int(noise%24)
	if p.inBlot(x, y) {
		v += 80
	}
	if p.grey {
		return [3]byte{byte(v), byte(v), byte(v)}
	}
	return [3]byte{byte(v), byte(v * 3 / 4), byte(220 - v)}
}

// encode returns the picture as a file whose name ends in ext.
func (p picture) encode(ext string) ([]byte, error) {
	bounds := image.Rect(0, 0, p.w, p.h)
	var b bytes.Buffer
	switch {
	case ext == ".gif":
		var shades color.Palette
		for i := range 256 {
			shades = append(shades, color.Gray{uint8(i)})
		}
		img := image.NewPaletted(bounds, shades)
		p.each(func(x, y int, c [3]byte) { img.SetColorIndex(x, y, c[0]) })
		err := gif.Encode(&b, img, nil)
		return b.Bytes(), err
	case ext == ".png" && p.grey: // of 16 bits
		img := image.NewGray16(bounds)
		p.each(func(x, y int, c [3]byte) { img.SetGray16(x, y, color.Gray16{uint16(c[0])<<8 | uint16(x)}) })
		err := png.Encode(&b, img)
		return b.Bytes(), err
	}
	img := image.NewNRGBA(bounds)
	p.each(func(x, y int, c [3]byte) { img.SetNRGBA(x, y, color.NRGBA{c[0], c[1], c[2], 255}) })
	switch ext {
	case ".png":
		err := png.Encode(&b, img)
		return b.Bytes(), err
	case ".jpg":
		err := jpeg.Encode(&b, img, nil)
		return b.Bytes(), err
	}
	return nil, fmt.Errorf("no encoder for %q", ext)
}

// encodeMask returns the mask of the blot as a PNG file.
func (p picture) encodeMask() ([]byte, error) {
	img := image.NewGray(image.Rect(0, 0, p.w, p.h))
	p.each(func(x, y int, _ [3]byte) {
		if p.inBlot(x, y) {
			img.SetGray(x, y, color.Gray{255})
		}
	})
	var b bytes.Buffer
	err := png.Encode(&b, img)
	return b.Bytes(), err
}

// each calls f for every pixel.
func (p picture) each(f func(x, y int, c [3]byte)) {
	for y := range p.h {
		for x := range p.w {
			f(x, y, p.pixel(x, y))
		}
	}
}
