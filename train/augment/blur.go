package augment

import (
	"math"

	"anomem/imageio"
	"anomem/simd"
)

// maxSigma is the largest standard deviation of a blur, in pixels. Beyond it the kernel
// would be wider than a view.
const maxSigma = 50

// A blur is a separable Gaussian filter that reuses its memory.
type blur struct {
	weights []float32 // of pixels at distances 0, 1, ...
	line    []float32 // a row, continued beyond both ends
	rows    []float32 // the last 2·radius + 1 rows, filtered along the row
}

// setWeights sets the weights exp(-k²/2σ²) of distances up to 3σ, beyond which 0.3 % of
// a Gaussian lie, and up to size-1, as far as a mirror image reaches. Over both sides
// they sum to 1.
func (b *blur) setWeights(sigma float64, size int) {
	radius := min(int(math.Ceil(3*sigma)), size-1)
	b.weights = resized(b.weights, radius+1)
	sum := float32(1)
	b.weights[0] = 1
	for k := 1; k <= radius; k++ {
		w := simd.Exp32(float32(-float64(k*k) / (2 * float64(sigma*sigma))))
		b.weights[k] = w
		sum += w + w
	}
	for k := range b.weights {
		b.weights[k] /= sum
	}
}

// apply normalises pix [h w 3] to dst and blurs it by sigma pixels. Beyond its
// edges a view continues as its mirror image, in which the edge is not repeated.
//
// Both filters are weighted sums of rows: across, of the row shifted; down, of the rows
// above and below. Terms are added in order of distance, left before right and above
// before below.
func (b *blur) apply(dst []float32, pix []byte, w, h int, sigma float64, t *imageio.NormTable) {
	b.setWeights(sigma, min(w, h))
	radius := len(b.weights) - 1
	n, margin := 3*w, 3*radius
	b.line = resized(b.line, n+2*margin)
	b.rows = resized(b.rows, (2*radius+1)*n)
	row := func(y int) []float32 { // of the rows filtered last
		y %= 2*radius + 1
		return b.rows[n*y : n*(y+1)]
	}
	for y := range h + radius {
		if y < h {
			t.Apply(b.line[margin:margin+n], pix[n*y:n*(y+1)])
			for k := 3; k <= margin; k += 3 {
				copy(b.line[margin-k:][:3], b.line[margin+k:][:3])
				copy(b.line[margin+n+k-3:][:3], b.line[margin+n-k-3:][:3])
			}
			out := row(y)
			simd.Scale(out, b.line[margin:margin+n], b.weights[0])
			for k := 1; k <= radius; k++ {
				simd.Axpy(out, b.weights[k], b.line[margin-3*k:][:n])
				simd.Axpy(out, b.weights[k], b.line[margin+3*k:][:n])
			}
		}
		if y -= radius; y >= 0 {
			out := dst[n*y : n*(y+1)]
			simd.Scale(out, row(y), b.weights[0])
			for k := 1; k <= radius; k++ {
				simd.Axpy(out, b.weights[k], row(reflected(y-k, h)))
				simd.Axpy(out, b.weights[k], row(reflected(y+k, h)))
			}
		}
	}
}

// reflected returns the row that row y of the mirrored continuation repeats.
func reflected(y, size int) int {
	if y < 0 {
		return -y
	}
	if y >= size {
		return 2*(size-1) - y
	}
	return y
}
