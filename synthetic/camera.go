package synthetic

import (
	"anomem/imageio"
	"anomem/nn/rng"
)

// camera adds to a scene what a photograph has: exposure, an uneven light, the blur of a
// lens and the noise of a sensor.
type camera struct {
	contrast, brightness float64
	falloff              float64 // how much light is lost from one side to the other
	dx, dy               float64 // towards the light
	blur                 float64
	noise                float64 // standard deviation
	colourNoise          float64 // share of it that differs among channels
	seed                 uint64
}

// drawCamera varies contrast by a factor of 3 and noise by one of 6, so that the energy of a
// picture says little about what it shows.
func drawCamera(r *rng.Stream) camera {
	c := camera{
		contrast:    between(r, 0.35, 1),
		brightness:  between(r, -0.12, 0.12),
		falloff:     between(r, 0, 0.25),
		blur:        between(r, 0, 0.5),
		colourNoise: between(r, 0.2, 0.8),
		seed:        r.Uint64(),
	}
	c.dx, c.dy = direction(r)
	n := r.Float64()
	c.noise = lerp(0.004, 0.025, mul(n, n))
	return c
}

// take returns the photograph of a scene. It blurs the scene.
func (t camera) take(c *canvas) *imageio.Image {
	m := c.mean()
	grey := clamp(m.mean()+t.brightness, 0.25, 0.7) - m.mean()
	if t.blur > 0 {
		c.blur(t.blur)
	}
	x, y := mul(t.dx, t.falloff/float64(c.w)), mul(t.dy, t.falloff/float64(c.h))
	cx, cy := float64(c.w)/2, float64(c.h)/2
	out := imageio.NewImage(c.w, c.h)
	c.each(func(px, py float64, i int) {
		light := 1 + mul(px-cx, x) + mul(py-cy, y)
		p := m.mix(c.pix[i], t.contrast).shade(grey).times(light)
		a, b, d := grain(t.seed, int(px), int(py))
		n, s := mul(a, t.noise), mul(t.noise, t.colourNoise)
		out.Pix[3*i] = round(p[0] + n + mul(b, s))
		out.Pix[3*i+1] = round(p[1] + n - mul(b+d, s/2))
		out.Pix[3*i+2] = round(p[2] + n + mul(d, s))
	})
	return out
}

// round returns a channel as a byte.
func round(v float64) byte { return byte(mul(clamp(v, 0, 1), 255) + 0.5) }
