package augment

import (
	"image"
	"math"

	"anomem/nn/rng"
	"anomem/simd"
)

// cropTries is how often a crop is drawn before the centre is taken.
const cropTries = 10

// crop draws the part of a w×h image that a view shows, by the rule of torchvision's
// RandomResizedCrop: an area, and the logarithm of a ratio, are uniform; a rectangle
// that does not fit is drawn again, ten times at most; then it is the largest one in
// the centre with an allowed ratio.
//
// The ratio is relative to the image's own, where torchvision's is absolute. Of square
// images that is the same; others are squeezed into a square also where they are
// scored, and a view must not differ from that by their shape.
//
// keep, unless empty, is what makes the image an anomaly: a crop that shows less than
// half of it is drawn again, and at last the whole image is taken.
func (o *Options) crop(w, h int, keep image.Rectangle, r *rng.Stream) image.Rectangle {
	whole := image.Rect(0, 0, w, h)
	if !o.crops() {
		return whole
	}
	lo, hi := float64(simd.Log32(float32(o.CropRatio[0]))), float64(simd.Log32(float32(o.CropRatio[1])))
	for range cropTries {
		area := between(o.CropArea[0], o.CropArea[1], r)
		ratio := float64(simd.Exp32(float32(between(lo, hi, r))))
		cw := int(math.RoundToEven(float64(w) * math.Sqrt(area*ratio)))
		ch := int(math.RoundToEven(float64(h) * math.Sqrt(area/ratio)))
		if cw < 1 || cw > w || ch < 1 || ch > h {
			continue
		}
		x, y := r.IntN(w-cw+1), r.IntN(h-ch+1)
		at := image.Rect(x, y, x+cw, y+ch)
		if 2*areaOf(at.Intersect(keep)) >= areaOf(keep) {
			return at
		}
	}
	if !keep.Empty() {
		return whole
	}
	cw, ch := w, h
	if least := o.CropRatio[0]; least > 1 {
		ch = max(1, int(math.RoundToEven(float64(h)/least)))
	} else if largest := o.CropRatio[1]; largest < 1 {
		cw = max(1, int(math.RoundToEven(float64(w)*largest)))
	}
	x, y := (w-cw)/2, (h-ch)/2
	return image.Rect(x, y, x+cw, y+ch)
}

func areaOf(r image.Rectangle) int { return r.Dx() * r.Dy() }

// between draws from [lo, hi).
func between(lo, hi float64, r *rng.Stream) float64 {
	return lo + float64((hi-lo)*r.Float64())
}
