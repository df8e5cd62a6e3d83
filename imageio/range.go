package imageio

import (
	"fmt"
	"image"
	"image/color"
	"io"
	"strconv"
	"strings"
	"sync/atomic"
)

// A Range is the part of 16-bit values that a camera uses. Cameras of 10, 12 or 14 bits
// store their values in 16 bits as they are, and v/257 leaves few grey levels of them.
// The zero Range stands for none: values are mapped as Full does.
type Range struct {
	Lo, Hi uint16 // Lo < Hi
}

// Full is the range of Decode.
var Full = Range{0, 0xffff}

// noRange is the text of the zero Range.
const noRange = "none"

// String returns "LO-HI", and "none" for the zero Range.
func (g Range) String() string {
	if g == (Range{}) {
		return noRange
	}
	return fmt.Sprintf("%d-%d", g.Lo, g.Hi)
}

// MarshalText returns the text of String.
func (g Range) MarshalText() ([]byte, error) { return []byte(g.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (g *Range) UnmarshalText(text []byte) error {
	if string(text) == noRange {
		*g = Range{}
		return nil
	}
	from, to, _ := strings.Cut(string(text), "-")
	lo, errLo := strconv.ParseUint(from, 10, 16)
	hi, errHi := strconv.ParseUint(to, 10, 16)
	if errLo != nil || errHi != nil || lo >= hi {
		return fmt.Errorf("%q: want two numbers, the lower one first, such as 0-4095, or %s", text, noRange)
	}
	*g = Range{uint16(lo), uint16(hi)}
	return nil
}

// Widened returns the range with a part of its width added at either end, as far as there
// are values.
func (g Range) Widened(part float64) Range {
	more := int(part * float64(int(g.Hi)-int(g.Lo)))
	return Range{uint16(max(0, int(g.Lo)-more)), uint16(min(0xffff, int(g.Hi)+more))}
}

// levels maps 16-bit values to 8 bits.
type levels [1 << 16]byte

// levels maps Lo and what is below to 0, Hi and what is above to 255, and what is between
// to (v-Lo)·255/(Hi-Lo), rounded, halves up. For Full that is v/257.
func (g Range) levels() *levels {
	if g.Lo >= g.Hi {
		panic(fmt.Sprintf("imageio: Range: from %d to %d", g.Lo, g.Hi))
	}
	t, width := new(levels), int(g.Hi)-int(g.Lo)
	for v := range t {
		at := min(max(v-int(g.Lo), 0), width)
		t[v] = byte((2*at*255 + width) / (2 * width))
	}
	return t
}

// lastLevels holds the table of the range that was used last. A program decodes thousands
// of pictures by one range.
var lastLevels atomic.Pointer[rangeLevels]

type rangeLevels struct {
	of     Range
	levels *levels
}

// table returns levels, or nil for v/257.
func (g Range) table() *levels {
	if g == Full || g == (Range{}) {
		return nil
	}
	last := lastLevels.Load()
	if last == nil || last.of != g {
		last = &rangeLevels{g, g.levels()}
		lastLevels.Store(last)
	}
	return last.levels
}

// Decode reads an image as the function Decode does, but maps the colours of a picture of
// 16 bits a channel by the range. Values below it are black, and those above white.
// Pictures of 8 bits are those of the function. Decode panics unless Lo < Hi or both are 0.
func (g Range) Decode(r io.Reader) (*Image, error) {
	m, _, err := g.conversion().decode(r, nil)
	return m, err
}

func (g Range) conversion() conversion { return conversion{paper: onWhite, levels: g.table()} }

// DecodeFile reads an image as Decode does. Its errors name the path.
func (g Range) DecodeFile(path string) (*Image, error) {
	return decodeFile(path, g.Decode)
}

// ranged returns a rowReader for a picture of 16 bits a channel, nil for any other.
func (c conversion) ranged(src image.Image, x0, w int) rowReader {
	switch src := src.(type) {
	case *image.Gray16:
		return func(dst []byte, y int) {
			pix := src.Pix[src.PixOffset(x0, y):][:2*w]
			for i := range w {
				v := c.levels[big16(pix[2*i:])]
				d := dst[3*i:][:3]
				d[0], d[1], d[2] = v, v, v
			}
		}
	case *image.NRGBA64, *image.RGBA64:
		at := src.(image.RGBA64Image)
		return func(dst []byte, y int) {
			for i := range w {
				s := straight(at, x0+i, y)
				v := color.NRGBA{c.levels[s.R], c.levels[s.G], c.levels[s.B], to8(uint32(s.A))}
				d := dst[3*i:][:3]
				d[0], d[1], d[2] = c.paper.under(v.RGBA())
			}
		}
	}
	return nil
}

// straight returns a pixel whose colours are not multiplied by its opacity.
func straight(src image.RGBA64Image, x, y int) color.NRGBA64 {
	if m, ok := src.(*image.NRGBA64); ok {
		return m.NRGBA64At(x, y)
	}
	p := src.RGBA64At(x, y)
	if p.A == 0xffff || p.A == 0 {
		return color.NRGBA64(p)
	}
	a := uint32(p.A)
	by := func(v uint16) uint16 { return uint16(min(uint32(v)*0xffff/a, 0xffff)) }
	return color.NRGBA64{by(p.R), by(p.G), by(p.B), p.A}
}
