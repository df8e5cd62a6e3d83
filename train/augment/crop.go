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
// What is kept in view decides the place alone. If it decided the size, a view that is
// enlarged much would be a normal one.
func (o *Options) crop(w, h int, keep kept, r *rng.Stream) image.Rectangle {
	if !o.crops() {
		return image.Rect(0, 0, w, h)
	}
	lo, hi := float64(simd.Log32(float32(o.CropRatio[0]))), float64(simd.Log32(float32(o.CropRatio[1])))
	for range cropTries {
		area := between(o.CropArea[0], o.CropArea[1], r)
		ratio := float64(simd.Exp32(float32(between(lo, hi, r))))
		cw := int(math.RoundToEven(float64(w) * math.Sqrt(area*ratio)))
		ch := int(math.RoundToEven(float64(h) * math.Sqrt(area/ratio)))
		if cw >= 1 && cw <= w && ch >= 1 && ch <= h {
			return keep.place(w, h, cw, ch, r)
		}
	}
	cw, ch := w, h
	if least := o.CropRatio[0]; least > 1 {
		ch = max(1, int(math.RoundToEven(float64(h)/least)))
	} else if largest := o.CropRatio[1]; largest < 1 {
		cw = max(1, int(math.RoundToEven(float64(w)*largest)))
	}
	if !keep.bounds.Empty() {
		return keep.place(w, h, cw, ch, r)
	}
	x, y := (w-cw)/2, (h-ch)/2
	return image.Rect(x, y, x+cw, y+ch)
}

// between draws from [lo, hi).
func between(lo, hi float64, r *rng.Stream) float64 {
	return lo + float64((hi-lo)*r.Float64())
}
