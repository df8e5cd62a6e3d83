package augment

import (
	"image"
	"math"

	"anomem/nn/rng"
	"anomem/simd"
)

// cropTries is the number of draws before the centre is taken.
const cropTries = 10

// crop draws the part of a w×h image that a view shows, as torchvision's
// RandomResizedCrop: the area and the logarithm of the ratio are uniform. A rectangle
// that does not fit is drawn again, up to ten draws; then crop takes the largest one in
// the centre with an allowed ratio.
//
// The ratio is relative to the image's own; torchvision's is absolute. For square images
// they are the same. Others are squeezed into a square for scoring too, and views must
// have the same distortion.
//
// keep, unless empty, bounds what makes the image an anomaly. A crop that shows less than
// half of it is drawn again; after the last draw crop takes the whole image.
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
