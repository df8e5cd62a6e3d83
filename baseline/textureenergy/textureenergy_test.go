package textureenergy

import (
	"context"
	"testing"

	"anomem/baseline"
	"anomem/dataset"
	"anomem/imageio"
	"anomem/nn/rng"
)

// surface draws spots of 2×2 pixels on grey and, in a square at (48, 32) of that side, of 4×4,
// which are as bright in the mean.
func surface(seed uint64, side int) *imageio.Image {
	img, r := imageio.NewImage(96, 96), rng.New(seed)
	for _, of := range []struct{ spot, left, top, side int }{{2, 0, 0, 96}, {4, 48, 32, side}} {
		for y := of.top; y < of.top+of.side; y += of.spot {
			for x := of.left; x < of.left+of.side; x += of.spot {
				v := byte(60 + r.IntN(120))
				for k := range of.spot * of.spot {
					i := 3 * ((y+k/of.spot)*img.W + x + k%of.spot)
					img.Pix[i], img.Pix[i+1], img.Pix[i+2] = v, v, v
				}
			}
		}
	}
	return img
}

// A patch of another grain stands out, and the map shows where.
func TestAnotherGrain(t *testing.T) {
	var src dataset.Samples
	for i := range uint64(12) {
		src = append(src, dataset.Sample{Image: surface(i, 0), Normal: true})
	}
	d := New(Default())
	if err := d.Fit(context.Background(), src, baseline.Options{}); err != nil {
		t.Fatal(err)
	}
	worst := 0.0
	for i := range uint64(20) {
		worst = max(worst, d.Score(surface(100+i, 0)))
	}
	for i := range uint64(20) {
		img := surface(200+i, 24)
		if s := d.Score(img); s < 1.2*worst {
			t.Errorf("a patch scores %v, normal surfaces at most %v", s, worst)
		}
		m, at := d.Map(img), 0
		for k, v := range m.Value {
			if v > m.Value[at] {
				at = k
			}
		}
		x, y := 96*(2*(at%m.W)+1)/(2*m.W), 96*(2*(at/m.W)+1)/(2*m.H)
		if x < 40 || x > 80 || y < 24 || y > 64 {
			t.Errorf("the map is largest at (%d,%d), beside the patch", x, y)
		}
	}
}

// Normal images of one colour have a score for what is not.
func TestOneColour(t *testing.T) {
	grey := imageio.NewImage(30, 30)
	d := New(Config{Window: 10})
	if err := d.Fit(context.Background(), dataset.Samples{{Image: grey, Normal: true}, {Image: grey, Normal: true}}, baseline.Options{}); err != nil {
		t.Fatal(err)
	}
	if s := d.Score(grey); s != 0 {
		t.Errorf("what all show scores %v", s)
	}
	if s := d.Score(surface(1, 0)); !(s > 100) {
		t.Errorf("another image scores %v", s)
	}
}

func TestRefuses(t *testing.T) {
	src := dataset.Samples{{Image: surface(1, 0), Normal: true}, {Image: surface(2, 0), Normal: true}}
	for name, c := range map[string]struct {
		config Config
		src    dataset.Source
	}{
		"a window below 0":         {Config{Window: -1}, src},
		"one normal image":         {Default(), src[:1]},
		"an image without a pixel": {Default(), append(src[:2:2], dataset.Sample{Image: &imageio.Image{}, Normal: true})},
	} {
		if err := New(c.config).Fit(context.Background(), c.src, baseline.Options{}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
