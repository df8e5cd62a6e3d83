package augment

import (
	"math"

	"anomem/imageio"
	"anomem/nn/rng"
)

// Strengths of the colours of blemishes.
const (
	toneLeast, toneLargest = 10, 120 // levels
	inkWeakest             = 0.15
	inkGrey                = 0.5 // probability of an ink without a hue
)

// paint paints dst, a copy of img, in proportion to the cover.
func (b *blemish) paint(dst, img *imageio.Image, r *rng.Stream) {
	grey := isGrey(img)
	switch kind := r.IntN(6); kind {
	case 0, 1: // ink
		ink := [3]float64{between(0, 255, r), between(0, 255, r), between(0, 255, r)}
		if grey || chance(inkGrey, r) {
			ink[1], ink[2] = ink[0], ink[0]
		}
		strength := between(inkWeakest, 1, r)
		b.apply(dst, func(i int, _, _, v float64, c int) float64 { return v + float64(strength*(ink[c]-v)) })
	case 2: // tone
		tone := mostlySmall(toneLeast, toneLargest, r)
		if r.IntN(2) == 0 {
			tone = -tone
		}
		b.apply(dst, func(_ int, _, _, v float64, _ int) float64 { return v + tone })
	case 3: // light and shade
		tone := mostlySmall(toneLeast, toneLargest, r)
		dx, dy := direction(r)
		b.apply(dst, func(_ int, px, py, v float64, _ int) float64 {
			slope := (float64(px*dx) + float64(py*dy)) / b.extent
			return v + float64(2*tone*min(max(slope, -1), 1))
		})
	case 4: // pixels from elsewhere
		right, down := r.IntN(img.W), r.IntN(img.H)
		b.apply(dst, func(i int, _, _, _ float64, c int) float64 {
			x, y := (i%img.W+right)%img.W, (i/img.W+down)%img.H
			return float64(img.Pix[3*(y*img.W+x)+c])
		})
	default: // one colour of the image
		from := 3 * (r.IntN(img.H)*img.W + r.IntN(img.W))
		b.apply(dst, func(_ int, _, _, _ float64, c int) float64 { return float64(img.Pix[from+c]) })
	}
}

// apply blends each value of dst with to of it, in proportion to the cover.
func (b *blemish) apply(dst *imageio.Image, to func(i int, px, py, v float64, c int) float64) {
	for y := b.box.Min.Y; y < b.box.Max.Y; y++ {
		for x := b.box.Min.X; x < b.box.Max.X; x++ {
			i := y*b.w + x
			cover := b.cover[i]
			if cover <= 0 {
				continue
			}
			px, py := float64(x)+0.5-b.x, float64(y)+0.5-b.y
			for c := range 3 {
				v := float64(dst.Pix[3*i+c])
				v += float64(cover * (to(i, px, py, v, c) - v))
				dst.Pix[3*i+c] = clampByte(int(math.RoundToEven(v)))
			}
		}
	}
}

// isGrey reports whether no pixel has a hue.
func isGrey(img *imageio.Image) bool {
	for i := 0; i+3 <= len(img.Pix); i += 3 {
		if p := img.Pix[i : i+3 : i+3]; p[0] != p[1] || p[1] != p[2] {
			return false
		}
	}
	return true
}
