package augment

import (
	"math"
	"testing"

	"anomem/imageio"
	"anomem/nn/rng"
)

// TestNoise: what is added has the moments of a normal distribution, the deviation that
// was asked for in units of the bytes' range, and no correlation of neighbours.
func TestNoise(t *testing.T) {
	const views, size, deviation = 200, 32, 0.05
	img := picture(size, size, 1)
	dst, plain := make([]float32, 3*size*size), make([]float32, 3*size*size)
	norm := imageio.Norm{Mean: [3]float32{0.1, 0.2, 0.3}, Std: [3]float32{0.5, 0.25, 1}}
	Plain(plain, img, size, norm)
	o := Options{Noise: deviation}
	var w Worker
	var m [4]float64
	var beside float64
	n := float64(views * len(dst))
	for v := range uint64(views) {
		w.View(dst, img, size, &o, norm, rng.New(2, v))
		last := 0.0
		for i := range dst {
			z := float64(dst[i]-plain[i]) * float64(norm.Std[i%3]) / deviation
			for k, p := 0, z; k < len(m); k, p = k+1, p*z {
				m[k] += p / n
			}
			beside += z * last / n
			last = z
		}
	}
	// The table is a sample of its own, the smaller one; moments 1 to 4 of the normal
	// distribution, whose powers have the variances 1, 2, 15 and 96.
	for k, want := range []float64{0, 1, 0, 3} {
		if bound := 4 * math.Sqrt([]float64{1, 2, 15, 96}[k]*(1/n+1./noiseNumbers)); math.Abs(m[k]-want) > bound {
			t.Errorf("moment %d is %g, want %g ± %g", k+1, m[k], want, bound)
		}
	}
	if bound := 4 * math.Sqrt(1/n+1./noiseNumbers); math.Abs(beside) > bound {
		t.Errorf("neighbours correlate by %g", beside)
	}
}
