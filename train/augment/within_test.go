package augment

import (
	"bytes"
	"slices"
	"testing"

	"anomem/imageio"
	"anomem/nn/rng"
)

// What a shift changes lies within the region, even if that is small; a turned image has a
// turned region.
func TestShiftWithin(t *testing.T) {
	img := imageio.NewImage(40, 30)
	for i := range img.Pix {
		img.Pix[i] = byte(i * 7)
	}
	region := imageio.NewMask(40, 30)
	for i := range region.Pix {
		x, y := i%40, i/40
		region.Pix[i] = x >= 25 && x < 31 && y >= 4 && y < 9
	}
	for _, s := range []Shift{Rotate, CutPaste, Blemish, Mixed} {
		for n := range 40 {
			r := rng.New(1, uint64(s), uint64(n))
			out, changed, inside := s.ApplyWithin(img, region, &r)
			if !changed.Any() {
				t.Errorf("%v %d: nothing is changed", s, n)
			}
			for i, c := range changed.Pix {
				if c && !inside.Pix[i] {
					t.Fatalf("%v %d: pixel %d outside is changed", s, n, i)
				}
			}
			if out.W == img.W && slices.Equal(inside.Pix, region.Pix) { // not turned
				for i, in := range region.Pix {
					if !in && !bytes.Equal(out.Pix[3*i:3*i+3], img.Pix[3*i:3*i+3]) {
						t.Fatalf("%v %d: pixel %d outside is another", s, n, i)
					}
				}
			} else if !slices.Equal(changed.Pix, inside.Pix) || inside.Bounds().Dx()*inside.Bounds().Dy() != 30 {
				t.Errorf("%v %d: the turned region is %v", s, n, inside.Bounds())
			}
			all, mask, none := s.ApplyWithin(img, nil, &r)
			if none != nil || all == nil || mask == nil {
				t.Errorf("%v %d: a region of nothing", s, n)
			}
		}
	}
}

// Inside has the share of each cell that lies in the region, in the view that is made.
func TestInside(t *testing.T) {
	img := imageio.NewImage(32, 32)
	left := imageio.NewMask(32, 32)
	for i := range left.Pix {
		left.Pix[i] = i%32 < 16
		if left.Pix[i] {
			img.Pix[3*i] = 255
		}
	}
	o := Options{CropArea: [2]float64{0.3, 1}, CropRatio: [2]float64{0.75, 1.3}, Flip: 0.5, Turn: 1}
	b := Batch{Options: o, Size: 32, Norm: imageio.Norm{Std: [3]float32{1, 1, 1}}}
	for n := range 20 {
		row := Row{Image: img, Region: left, View: rng.New(2, uint64(n)), Inside: []Grid{{4, 4, make([]float32, 16)}, {1, 1, make([]float32, 1)}}}
		dst := make([]float32, 3*32*32)
		b.Views(nil, dst, []Row{row})
		for c, share := range row.Inside[0].Value {
			var red float32
			for k := range 64 {
				red += dst[3*((c/4*8+k/8)*32+c%4*8+k%8)] / 64
			}
			if d := share - red; d < -0.3 || d > 0.3 {
				t.Errorf("view %d, cell %d: %v inside, %v of it red", n, c, share, red)
			}
		}
	}
	row := Row{Image: img, View: rng.New(2), Inside: []Grid{{2, 2, make([]float32, 4)}}}
	b.Views(nil, make([]float32, 3*32*32), []Row{row})
	if !slices.Equal(row.Inside[0].Value, []float32{1, 1, 1, 1}) {
		t.Errorf("without a region: %v", row.Inside)
	}
}
