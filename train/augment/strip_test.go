package augment

import (
	"testing"

	"anomem/imageio"
	"anomem/nn/rng"
)

// A view that is no square keeps its shape: half of the turns of a texture are left, those
// by 180°, and the cells that count are where the pixels of the region are.
func TestViewsOfStrips(t *testing.T) {
	const w, h = 64, 32
	img, left := imageio.NewImage(60, 20), imageio.NewMask(60, 20)
	for i := range left.Pix {
		if left.Pix[i] = i%60 < 30; left.Pix[i] {
			img.Pix[3*i] = 255
		}
	}
	o := ForKind(Texture, w)
	o.Noise, o.Turn = 0, 1
	b := Batch{Options: o, Size: h, Width: w, Norm: imageio.Norm{Std: [3]float32{1, 1, 1}}}
	turned := 0
	for n := range 40 {
		cells := Grid{4, 8, make([]float32, 32)}
		dst := make([]float32, 3*w*h)
		b.Views(nil, dst, []Row{{Image: img, Region: left, View: rng.New(2, uint64(n)), Inside: []Grid{cells}}})
		for c, share := range cells.Value {
			var red float32
			for k := range 64 {
				red += dst[3*((c/8*8+k/8)*w+c%8*8+k%8)] / 64
			}
			if d := share - red; d < -0.3 || d > 0.3 {
				t.Errorf("view %d, cell %d: %v inside, %v of it red", n, c, share, red)
			}
		}
		if cells.Value[0] == 0 {
			turned++
		}
	}
	if turned < 10 || turned > 30 {
		t.Errorf("%d of 40 views have the region on the right", turned)
	}
}

// A plain view and a blurred one have each pixel where a square one would have it.
func TestPlainStrip(t *testing.T) {
	img := imageio.NewImage(48, 12)
	for i := range img.Pix {
		img.Pix[i] = byte(i / 3 % 48 * 5)
	}
	norm := imageio.Norm{Std: [3]float32{1, 1, 1}}
	square, strip := make([]float32, 3*24*24), make([]float32, 3*24*8)
	w := new(Worker)
	for _, blurred := range []bool{false, true} {
		o := Options{CropArea: [2]float64{1, 1}, CropRatio: [2]float64{1, 1}, BlurSigma: [2]float64{1, 1}}
		if blurred {
			o.Blur = 1
		}
		r1, r2 := rng.New(1), rng.New(1)
		w.view(square, img, 24, 24, &o, norm, kept{}, 0, &r1)
		w.view(strip, img, 24, 8, &o, norm, kept{}, 0, &r2)
		for i, v := range strip {
			if d := v - square[i%(3*24)]; d < -1e-6 || d > 1e-6 {
				t.Fatalf("blurred %t: value %d is %v, and %v in a square", blurred, i, v, square[i%(3*24)])
			}
		}
	}
}
