package augment

import (
	"image"

	"anomem/imageio"
	"anomem/nn/rng"
)

// kept is what a view must show: what makes an image an anomaly, or the region that counts;
// nothing if the bounds are empty.
type kept struct {
	bounds image.Rectangle
	mask   *imageio.Mask // of what is within the bounds; nil: all of it
}

// place draws the place of a cw×ch part of a w×h image. Along each axis the part shows three
// quarters of what is kept or, if it is the smaller of the two, lies in what is kept with three
// quarters of itself. It shows a pixel of the mask.
func (k *kept) place(w, h, cw, ch int, r *rng.Stream) image.Rectangle {
	b := k.bounds
	for range cropTries {
		x := along(b.Min.X, b.Max.X, cw, w, r)
		y := along(b.Min.Y, b.Max.Y, ch, h, r)
		if at := image.Rect(x, y, x+cw, y+ch); b.Empty() || k.mask == nil || k.mask.AnyIn(at) {
			return at
		}
	}
	// Of a thin stroke, which fills little of its bounds, most places show nothing.
	p := k.pixel(r)
	x := along(p.X, p.X+1, cw, w, r)
	y := along(p.Y, p.Y+1, ch, h, r)
	return image.Rect(x, y, x+cw, y+ch)
}

// along draws where a part of size pixels begins along an axis of n, so that three quarters of
// the pixels lo to hi-1 are in it, or three quarters of it are among them. If there are none,
// it begins anywhere.
func along(lo, hi, size, n int, r *rng.Stream) int {
	from, to := 0, n-size
	if lo < hi {
		slack := min(hi-lo, size) / 4
		from = max(from, min(lo, hi-size)-slack)
		to = min(to, max(lo, hi-size)+slack)
	}
	return from + r.IntN(to-from+1)
}

// pixel draws a pixel of the mask.
func (k *kept) pixel(r *rng.Stream) image.Point {
	marked := 0
	for y := k.bounds.Min.Y; y < k.bounds.Max.Y; y++ {
		for _, m := range k.mask.Pix[y*k.mask.W+k.bounds.Min.X : y*k.mask.W+k.bounds.Max.X] {
			if m {
				marked++
			}
		}
	}
	at := r.IntN(marked)
	for y := k.bounds.Min.Y; ; y++ {
		for x := k.bounds.Min.X; x < k.bounds.Max.X; x++ {
			if !k.mask.Pix[y*k.mask.W+x] {
				continue
			}
			if at == 0 {
				return image.Pt(x, y)
			}
			at--
		}
	}
}
