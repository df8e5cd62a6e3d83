package report

import (
	"image"
	"math"

	"anomem/imageio"
)

// Small draws the heatmap over the picture as Overlay does, and the outline of the mask unless it
// is nil, at most side pixels long. Pictures that are shorter are enlarged by the largest whole
// factor that fits. If lo equals hi, values up to it get the first colour. Small panics where Overlay
// does otherwise, and on a mask of another size than the picture's.
func Small(img *imageio.Image, heat *imageio.Map, lo, hi float32, mask *imageio.Mask, side int) *image.NRGBA {
	if lo == hi {
		hi = math.Nextafter32(lo, float32(math.Inf(1)))
	}
	img, heat, mask = shrunk(img, heat, mask, side)
	big := img.Enlarge(max(1, side/max(img.W, img.H)))
	if mask != nil && big != img {
		mask = mask.Resize(big.W, big.H)
	}
	return outlined(big, heat, lo, hi, mask)
}
