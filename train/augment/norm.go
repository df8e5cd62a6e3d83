package augment

import (
	"fmt"
	"math"

	"anomem/imageio"
)

// Norm makes a byte v of a channel the float32 (v/255 - Mean)/Std.
type Norm struct {
	Mean, Std [3]float32 // red, green, blue
}

// Check returns an error unless every mean is finite and every deviation positive.
func (n Norm) Check() error {
	for c := range 3 {
		if m := float64(n.Mean[c]); math.IsNaN(m) || math.IsInf(m, 0) {
			return fmt.Errorf("augment: mean of channel %d is %g", c, m)
		}
		if s := float64(n.Std[c]); !(s > 0) || math.IsInf(s, 0) {
			return fmt.Errorf("augment: standard deviation of channel %d is %g: want > 0", c, s)
		}
	}
	return nil
}

// A table holds what a Norm makes of every byte.
type table [3][256]float32

func (t *table) set(n Norm) {
	for c := range t {
		for v := range t[c] {
			t[c][v] = (float32(v)/255 - n.Mean[c]) / n.Std[c]
		}
	}
}

// apply normalises RGB bytes.
func (t *table) apply(dst []float32, pix []byte) {
	dst = dst[:len(pix)]
	for i := 0; i+3 <= len(pix); i += 3 {
		d, p := dst[i:i+3:i+3], pix[i:i+3:i+3]
		d[0], d[1], d[2] = t[0][p[0]], t[1][p[1]], t[2][p[2]]
	}
}

// Image turns a view back into a picture to look at, each value rounded to the nearest
// byte.
func (n Norm) Image(view []float32, size int) *imageio.Image {
	img := imageio.NewImage(size, size)
	for i := range img.Pix {
		c := i % 3
		v := float64(float64(view[i])*float64(n.Std[c])) + float64(n.Mean[c])
		img.Pix[i] = byte(math.RoundToEven(255 * min(max(v, 0), 1)))
	}
	return img
}
