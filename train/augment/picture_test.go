package augment

import (
	"anomem/imageio"
	"anomem/nn/rng"
)

// picture returns an image with smooth colours, edges and some noise.
func picture(w, h int, seed uint64) *imageio.Image {
	r := rng.New(seed, rng.Name("picture"))
	img := imageio.NewImage(w, h)
	a, b, c := 1+r.IntN(5), 1+r.IntN(5), r.IntN(256)
	for y := range h {
		for x := range w {
			p := img.Pix[3*(y*w+x):][:3]
			p[0] = byte(255 * a * x / (5 * w))
			p[1] = byte(255 * b * y / (5 * h))
			p[2] = byte(c)
			if (x-w/2)*(x-w/2)+(y-h/3)*(y-h/3) < w*h/16 {
				p[0], p[1], p[2] = byte(c), 255-p[1], p[0]
			}
			for k := range p {
				p[k] = byte(min(255, max(0, int(p[k])+r.IntN(17)-8)))
			}
		}
	}
	return img
}

var imagenet = imageio.Norm{Mean: [3]float32{0.485, 0.456, 0.406}, Std: [3]float32{0.229, 0.224, 0.225}}
