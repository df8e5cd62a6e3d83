package imageio

import (
	"fmt"
	"math"
)

// Norm maps a byte v of a channel to the float32 (v/255 - Mean)/Std.
type Norm struct {
	Mean, Std [3]float32 // red, green, blue
}

// Check returns an error unless every mean is finite and every deviation positive and
// finite.
func (n Norm) Check() error {
	for c := range 3 {
		if m := float64(n.Mean[c]); math.IsNaN(m) || math.IsInf(m, 0) {
			return fmt.Errorf("mean of channel %d is %g", c, m)
		}
		if s := float64(n.Std[c]); !(s > 0) || math.IsInf(s, 0) {
			return fmt.Errorf("standard deviation of channel %d is %g: want > 0", c, s)
		}
	}
	return nil
}

// Apply maps pix, the bytes of whole pixels, to dst, which is as long as pix.
func (n Norm) Apply(dst []float32, pix []byte) {
	var t NormTable
	t.Set(n)
	t.Apply(dst, pix)
}

// Image maps normalised values [h w 3] back to a picture. Each value is clamped and rounded
// to the nearest byte.
func (n Norm) Image(view []float32, w, h int) *Image {
	img := NewImage(w, h)
	for i := range img.Pix {
		c := i % 3
		v := float64(float64(view[i])*float64(n.Std[c])) + float64(n.Mean[c])
		img.Pix[i] = byte(math.RoundToEven(255 * min(max(v, 0), 1)))
	}
	return img
}

// NormTable tabulates a Norm: the value of every byte, by channel.
type NormTable [3][256]float32

// Set fills the table for n.
func (t *NormTable) Set(n Norm) {
	for c := range t {
		for v := range t[c] {
			t[c][v] = (float32(v)/255 - n.Mean[c]) / n.Std[c]
		}
	}
}

// Apply maps pix, the bytes of whole pixels, to dst, which is as long as pix.
func (t *NormTable) Apply(dst []float32, pix []byte) {
	dst = dst[:len(pix)]
	for i := 0; i+3 <= len(pix); i += 3 {
		d, p := dst[i:i+3:i+3], pix[i:i+3:i+3]
		d[0], d[1], d[2] = t[0][p[0]], t[1][p[1]], t[2][p[2]]
	}
}
