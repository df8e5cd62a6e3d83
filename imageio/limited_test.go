package imageio

import (
	"image"
	"math"
	"testing"
)

// All of YCbCr, against the definition. libwebp shortens the products of 8 bits and
// coefficients of 14 bits to 6 fractional bits, and does not round at the end: it is at
// most a level off.
func TestLimitedRange(t *testing.T) {
	const a, b, c, d, e = 255. / 219, 1.402 * 255 / 224, 0.114 * 1.772 / 0.587 * 255 / 224, 0.299 * 1.402 / 0.587 * 255 / 224, 1.772 * 255 / 224
	for u := 0; u < 256; u += 3 {
		for v := 0; v < 256; v += 3 {
			for y := range 256 {
				l, cb, cr := a*float64(y-16), float64(u-128), float64(v-128)
				r8, g8, b8 := bt601(byte(y), byte(u), byte(v))
				for i, want := range [3]float64{l + b*cr, l - c*cb - d*cr, l + e*cb} {
					want = min(max(want, 0), 255)
					if got := [3]byte{r8, g8, b8}[i]; math.Abs(float64(got)-want) > 1.05 {
						t.Fatalf("YCbCr %d %d %d: channel %d is %d, want %.4f", y, u, v, i, got, want)
					}
				}
			}
		}
	}
	for _, c := range [][2]byte{{16, 0}, {235, 255}, {0, 0}, {255, 255}, {126, 128}} {
		if r, g, b := bt601(c[0], 128, 128); r != c[1] || g != c[1] || b != c[1] {
			t.Errorf("grey %d becomes %d %d %d, want %d", c[0], r, g, b, c[1])
		}
	}
}

// Chroma between samples, by the weights 9, 3, 3 and 1, and repeated at the edges.
func TestLimitedChroma(t *testing.T) {
	p := image.NewYCbCr(image.Rect(0, 0, 5, 4), image.YCbCrSubsampleRatio420)
	copy(p.Cb, []byte{16, 32, 64, 160, 208, 240})
	for y, want := range [][]byte{
		{16, 20, 28, 40, 56},
		{52, 58, 70, 84, 100},
		{124, 134, 154, 172, 188},
		{160, 172, 196, 216, 232},
	} {
		got := make([]byte, 5)
		chromaRow(got, p, p.Cb, 0, y)
		for x := range want {
			// The sums of libwebp are shortened twice.
			if distance(int(got[x]), int(want[x])) > 1 {
				t.Errorf("row %d: %v, want %v", y, got, want)
				break
			}
		}
	}
	one := image.NewYCbCr(image.Rect(0, 0, 1, 1), image.YCbCrSubsampleRatio420)
	one.Y[0], one.Cb[0], one.Cr[0] = 126, 128, 128
	if m := (conversion{paper: onWhite, limited: true}).convert(one); m.Pix[0] != 128 {
		t.Errorf("one pixel: %v", m.Pix)
	}
}
