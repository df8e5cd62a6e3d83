package synthetic

import (
	"math"

	"anomem/imageio"
)

// rgb is a colour, each channel from 0 to 1.
type rgb [3]float64

// mix returns the colour between a, at t = 0, and b, at t = 1.
func (a rgb) mix(b rgb, t float64) rgb {
	return rgb{lerp(a[0], b[0], t), lerp(a[1], b[1], t), lerp(a[2], b[2], t)}
}

// shade adds v to each channel.
func (a rgb) shade(v float64) rgb { return rgb{a[0] + v, a[1] + v, a[2] + v} }

// times multiplies each channel by v.
func (a rgb) times(v float64) rgb { return rgb{mul(a[0], v), mul(a[1], v), mul(a[2], v)} }

func (a rgb) mean() float64 { return (a[0] + a[1] + a[2]) / 3 }

// hsv returns the colour with a hue, in sixths of the circle from red to green, a saturation
// and a value.
func hsv(hue, saturation, value float64) rgb {
	var c rgb
	for i := range c {
		// How far the hue is from the channel's own, 0, 2 or 4, around the circle.
		d := math.Abs(hue - float64(2*i))
		d = min(d, 6-d)
		c[i] = mul(value, 1-mul(saturation, clamp(d-1, 0, 1)))
	}
	return c
}

// canvas is a picture in the making.
type canvas struct {
	w, h int
	pix  []rgb
	mask *imageio.Mask // where the anomaly is
}

func newCanvas(size int) *canvas {
	return &canvas{size, size, make([]rgb, size*size), imageio.NewMask(size, size)}
}

// each calls f for the centre of every pixel.
func (c *canvas) each(f func(x, y float64, i int)) {
	i := 0
	for y := range c.h {
		for x := range c.w {
			f(float64(x)+0.5, float64(y)+0.5, i)
			i++
		}
	}
}

// paint sets every pixel to what f gives for its centre.
func (c *canvas) paint(f func(x, y float64) rgb) {
	c.each(func(x, y float64, i int) { c.pix[i] = f(x, y) })
}

// near calls f for the pixels whose centre is within reach of (x, y) along both axes.
func (c *canvas) near(x, y, reach float64, f func(px, py float64, i int)) {
	x0, x1 := max(0, int(math.Floor(x-reach))), min(c.w-1, int(math.Floor(x+reach)))
	y0, y1 := max(0, int(math.Floor(y-reach))), min(c.h-1, int(math.Floor(y+reach)))
	for py := y0; py <= y1; py++ {
		for px := x0; px <= x1; px++ {
			f(float64(px)+0.5, float64(py)+0.5, py*c.w+px)
		}
	}
}

// mean returns the picture's mean colour.
func (c *canvas) mean() rgb {
	var m rgb
	for _, p := range c.pix {
		for k, v := range p {
			m[k] += v
		}
	}
	n := float64(len(c.pix))
	return rgb{m[0] / n, m[1] / n, m[2] / n}
}

// matchMean adds one colour to all pixels, times each pixel's weight, so that the picture's
// mean becomes want. A nil weight is 1 everywhere.
func (c *canvas) matchMean(want rgb, weight []float64) {
	total := float64(len(c.pix))
	if weight != nil {
		total = 0
		for _, w := range weight {
			total += w
		}
	}
	m, n := c.mean(), float64(len(c.pix))
	var add rgb
	for k := range add {
		add[k] = mul(want[k]-m[k], n) / total
	}
	for i := range c.pix {
		w := 1.0
		if weight != nil {
			w = weight[i]
		}
		for k := range add {
			c.pix[i][k] += mul(add[k], w)
		}
	}
}

// blur averages each pixel, weighted 1-t, with its four neighbours, weighted t/4 each.
func (c *canvas) blur(t float64) {
	old := append([]rgb(nil), c.pix...)
	at := func(x, y int) rgb { return old[clampInt(y, c.h)*c.w+clampInt(x, c.w)] }
	for y := range c.h {
		for x := range c.w {
			l, r, u, d := at(x-1, y), at(x+1, y), at(x, y-1), at(x, y+1)
			p := &c.pix[y*c.w+x]
			for k := range p {
				p[k] = lerp(p[k], (l[k]+r[k]+u[k]+d[k])/4, t)
			}
		}
	}
}

// clampInt returns the number of [0, n) nearest to x.
func clampInt(x, n int) int { return max(0, min(x, n-1)) }

// energy returns the mean square of the channels' differences from m.
func (c *canvas) energy(m rgb) float64 {
	sum := 0.0
	for _, p := range c.pix {
		for k, v := range p {
			sum += mul(v-m[k], v-m[k])
		}
	}
	return sum / float64(3*len(c.pix))
}

// fillMask marks the whole picture.
func (c *canvas) fillMask() {
	for i := range c.mask.Pix {
		c.mask.Pix[i] = true
	}
}
