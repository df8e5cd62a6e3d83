// Package heat smooths the maps of detectors.
package heat

import (
	"anomem/imageio"
	"anomem/simd"
)

// usual is the size of the images of which a map's blur is given.
const usual = 224

// Smooth returns the map of a square image at size×size pixels, blurred by a normal distribution
// whose standard deviation is sigma pixels of an image of 224×224 and as much in proportion here.
// Beyond its edges the map continues as its mirror image; the distribution ends after four
// standard deviations. That is SciPy's gaussian_filter, after imageio.Map.Resize. A sigma of 0
// does not blur.
func Smooth(m *imageio.Map, size int, sigma float64) *imageio.Map {
	m = m.Resize(size, size)
	weights := bell(sigma * float64(size) / usual)
	return &imageio.Map{W: size, H: size, Value: transposed(blurRows(transposed(blurRows(m.Value, size, weights), size), size, weights), size)}
}

// bell returns the weights of a blur, which add to 1, from -r to r.
func bell(sigma float64) []float32 {
	r := int(4*sigma + 0.5)
	weights := make([]float32, 2*r+1)
	for i := range weights {
		if r > 0 {
			x := float64(i-r) / sigma
			weights[i] = float32(-x * x / 2)
		}
	}
	simd.Exp(weights, weights)
	simd.Scale(weights, weights, 1/simd.Sum(weights))
	return weights
}

// blurRows replaces each row of a square by a sum of rows around it.
func blurRows(v []float32, n int, weights []float32) []float32 {
	out := make([]float32, len(v))
	r := len(weights) / 2
	for y := range n {
		to := out[y*n : (y+1)*n]
		for i, w := range weights {
			from := mirrored(y+i-r, n)
			simd.Axpy(to, w, v[from*n:(from+1)*n])
		}
	}
	return out
}

// mirrored returns the index within 0 to n-1 that y is mirrored to; edges are repeated:
// cba|abc|cba.
func mirrored(y, n int) int {
	y = (y%(2*n) + 2*n) % (2 * n)
	return min(y, 2*n-1-y)
}

func transposed(v []float32, n int) []float32 {
	out := make([]float32, len(v))
	simd.Transpose(out, v, n, n)
	return out
}

// MostSigma is the largest sigma that Smooth takes.
const MostSigma = 224

// Sigma reports whether Smooth takes a sigma.
func Sigma(sigma float64) bool { return sigma >= 0 && sigma <= MostSigma }
