package imageio

import (
	"fmt"
	"io"
)

// Mask says of each pixel of an image whether it is marked, rows from the top.
type Mask struct {
	W, H int
	Pix  []bool // W·H
}

// DecodeMask reads a mask from an image file as Decode does, orientation included. A
// pixel is marked where the largest of its three channels is at least 128: masks are
// black and white, JPEG leaves them a little grey around the edges, and red paint marks,
// too. If nothing in the image reaches 128, the values are taken for numbers of kinds of
// defects, as some data sets have them, and all that are not 0 mark. Transparent pixels
// are laid on black, since nobody has painted there.
func DecodeMask(r io.Reader) (*Mask, error) {
	m, err := decode(r, onBlack)
	if err != nil {
		return nil, err
	}
	top := make([]byte, m.W*m.H)
	brightest := byte(0)
	for i := range top {
		p := m.Pix[3*i:][:3]
		top[i] = max(p[0], p[1], p[2])
		brightest = max(brightest, top[i])
	}
	least := byte(128)
	if brightest < least {
		least = 1
	}
	mask := &Mask{W: m.W, H: m.H, Pix: make([]bool, len(top))}
	for i, v := range top {
		mask.Pix[i] = v >= least
	}
	return mask, nil
}

// DecodeMaskFile reads a mask as DecodeMask does. Its errors name the path.
func DecodeMaskFile(path string) (*Mask, error) {
	return decodeFile(path, DecodeMask)
}

// Resize returns the mask at w×h, each pixel as the one is under its centre. What is
// narrower than a pixel of the result can vanish. Resize panics unless mask and result
// have pixels.
func (m *Mask) Resize(w, h int) *Mask {
	if w < 1 || h < 1 || m.W < 1 || m.H < 1 {
		panic(fmt.Sprintf("imageio: Mask.Resize: from %d×%d to %d×%d", m.W, m.H, w, h))
	}
	dst := &Mask{W: w, H: h, Pix: make([]bool, w*h)}
	for y := range h {
		src := m.Pix[m.W*pixelUnder(y, m.H, h):][:m.W]
		row := dst.Pix[w*y:][:w]
		for x := range row {
			row[x] = src[pixelUnder(x, m.W, w)]
		}
	}
	return dst
}

// pixelUnder returns which of in pixels lies under the centre of pixel x of out: the
// integer part of (x+½)·in/out.
func pixelUnder(x, in, out int) int { return (2*x + 1) * in / (2 * out) }
