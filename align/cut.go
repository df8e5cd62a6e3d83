package align

import (
	"math"

	"anomem/imageio"
)

// Cut is a rectangle of an image, W×H pixels of the image's own size, turned.
type Cut struct {
	W, H     int
	from     [2]int // width and height of the image
	x, y     int64  // the centre of the first pixel, in pixels of the image
	cos, sin int64  // of the angle
}

// one is 1 as a fixed-point number.
const (
	oneBits = 24
	one     = 1 << oneBits
)

func fixed(v float64) int64 { return int64(math.Floor(float64(v*one) + 0.5)) }

// at returns where in the image pixel (i, j) of the cut is.
func (c Cut) at(i, j int) (x, y int64) {
	u, v := int64(i), int64(j)
	return c.x + u*c.cos - v*c.sin, c.y + u*c.sin + v*c.cos
}

// Image returns the cut of an image: interpolated bilinearly, and beyond the image's edges
// its mirror image. It panics for an image of another size than that which was cut.
func (c Cut) Image(img *imageio.Image) *imageio.Image {
	c.check(img.W, img.H)
	dst := imageio.NewImage(c.W, c.H)
	const unit = 1 << 8 // weights are multiples of 1/unit
	for j := range c.H {
		row := dst.Pix[3*c.W*j:][:3*c.W]
		for i := range c.W {
			x, y := c.at(i, j)
			x, y = (x+one/unit/2)>>(oneBits-8), (y+one/unit/2)>>(oneBits-8)
			u, v := int(x&(unit-1)), int(y&(unit-1))
			x0, y0 := int(x>>8), int(y>>8)
			left, right := 3*mirrored(x0, img.W), 3*mirrored(x0+1, img.W)
			upper, lower := img.Pix[3*img.W*mirrored(y0, img.H):][:3*img.W], img.Pix[3*img.W*mirrored(y0+1, img.H):][:3*img.W]
			for k := range 3 {
				a := int(upper[left+k])*(unit-u) + int(upper[right+k])*u
				b := int(lower[left+k])*(unit-u) + int(lower[right+k])*u
				row[3*i+k] = byte((a*(unit-v) + b*v + unit*unit/2) / (unit * unit))
			}
		}
	}
	return dst
}

// mirrored maps i to 0 ... n-1 by reflection at the edges, which are not repeated.
func mirrored(i, n int) int {
	if uint(i) < uint(n) {
		return i
	}
	if n == 1 {
		return 0
	}
	period := 2 * (n - 1)
	i %= period
	if i < 0 {
		i += period
	}
	return min(i, period-i)
}

// Mask returns the cut of a mask of an image: of each pixel what the nearest one of the mask
// has, and nothing beyond its edges. It panics where Image does.
func (c Cut) Mask(m *imageio.Mask) *imageio.Mask {
	c.check(m.W, m.H)
	dst := imageio.NewMask(c.W, c.H)
	for j := range c.H {
		for i := range c.W {
			x, y := c.at(i, j)
			if x, y := int((x+one/2)>>oneBits), int((y+one/2)>>oneBits); uint(x) < uint(m.W) && uint(y) < uint(m.H) {
				dst.Pix[j*c.W+i] = m.Pix[y*m.W+x]
			}
		}
	}
	return dst
}

// Back returns the map of the image of which m is that of the cut: of each pixel what the
// nearest one of m has, and outside the cut the least value of m.
func (c Cut) Back(m *imageio.Map) *imageio.Map {
	if m.W != c.W || m.H != c.H {
		panic("align: Back: a map of another size than the cut")
	}
	least, _ := m.Range()
	dst := &imageio.Map{W: c.from[0], H: c.from[1], Value: make([]float32, c.from[0]*c.from[1])}
	for y := range dst.H {
		for x := range dst.W {
			dst.Value[y*dst.W+x] = least
			dx, dy := int64(x)*one-c.x, int64(y)*one-c.y
			// The inverse of at, whose matrix is orthogonal; products have twice the bits.
			i := ((dx>>8)*(c.cos>>4) + (dy>>8)*(c.sin>>4)) >> (oneBits - 12)
			j := ((dy>>8)*(c.cos>>4) - (dx>>8)*(c.sin>>4)) >> (oneBits - 12)
			if i, j := int((i+one/2)>>oneBits), int((j+one/2)>>oneBits); uint(i) < uint(m.W) && uint(j) < uint(m.H) {
				dst.Value[y*dst.W+x] = m.Value[j*m.W+i]
			}
		}
	}
	return dst
}

func (c Cut) check(w, h int) {
	if w != c.from[0] || h != c.from[1] {
		panic("align: an image of another size than the one that was cut")
	}
}
