package augment

import (
	"image"
	"math"
	"testing"

	"anomem/nn/rng"
)

// TestCrop: areas, ratios and places are those of torchvision's RandomResizedCrop.
func TestCrop(t *testing.T) {
	const n = 20_000
	for _, shape := range [][2]int{{1000, 1000}, {2000, 500}} {
		w, h := float64(shape[0]), float64(shape[1])
		o := ForKind(Object, 32)
		r := rng.New(1)
		var small, large int // areas of equal probability, which always fit
		var ratio, ratioSq, place, places float64
		for range n {
			c := o.crop(shape[0], shape[1], image.Rectangle{}, &r)
			if !c.In(image.Rect(0, 0, shape[0], shape[1])) || c.Empty() {
				t.Fatalf("crop %v of %v", c, shape)
			}
			// Sides are rounded: by half a pixel.
			cw, ch := float64(c.Dx()), float64(c.Dy())
			if (cw+0.5)*(ch+0.5) < 0.2*w*h || (cw-0.5)*(ch-0.5) > w*h {
				t.Fatalf("crop %v has area %g", c, cw*ch/(w*h))
			}
			if (cw+0.5)/w/((ch-0.5)/h) < 3./4 || (cw-0.5)/w/((ch+0.5)/h) > 4./3 {
				t.Fatalf("crop %v of %v has ratio %g", c, shape, cw/w/(ch/h))
			}
			switch area := cw * ch / (w * h); {
			case area < 0.475:
				small++
			case area < 0.75:
				large++
			}
			l := math.Log(cw / w / (ch / h))
			ratio += l
			ratioSq += l * l
			if room := shape[0] - c.Dx(); room > 0 {
				place += float64(c.Min.X) / float64(room)
				places++
			}
		}
		if d := math.Abs(float64(small - large)); d > 4*math.Sqrt(float64(small+large)) {
			t.Errorf("%v: %d crops have areas of 0.2 to 0.475, %d of 0.475 to 0.75", shape, small, large)
		}
		if mean, sd := ratio/n, math.Sqrt(ratioSq/n); math.Abs(mean) > 4*sd/math.Sqrt(n) {
			t.Errorf("%v: the mean logarithm of the ratio is %g", shape, mean)
		}
		if mean := place / places; math.Abs(mean-0.5) > 4*math.Sqrt(1/(12*places)) {
			t.Errorf("%v: the mean place is %g of the room", shape, mean)
		}
	}
}

// TestCropFallsBack: where no rectangle fits, the largest one in the centre is taken.
func TestCropFallsBack(t *testing.T) {
	for _, tc := range []struct {
		ratio [2]float64
		want  image.Rectangle
	}{
		{[2]float64{2, 3}, image.Rect(0, 10, 60, 30)},
		{[2]float64{0.25, 0.5}, image.Rect(15, 0, 45, 40)},
	} {
		o := Options{CropArea: [2]float64{1, 1}, CropRatio: tc.ratio}
		r := rng.New(1)
		if got := o.crop(60, 40, image.Rectangle{}, &r); got != tc.want {
			t.Errorf("ratio %v: %v, want %v", tc.ratio, got, tc.want)
		}
	}
	r := rng.New(1)
	o := Options{CropArea: [2]float64{1, 1}, CropRatio: [2]float64{0.5, 2}}
	if got := o.crop(1, 1, image.Rectangle{}, &r); got != image.Rect(0, 0, 1, 1) {
		t.Errorf("crop of one pixel: %v", got)
	}
	if got := new(Options).crop(60, 40, image.Rectangle{}, &r); got != image.Rect(0, 0, 60, 40) {
		t.Errorf("no crop: %v", got)
	}
}

// TestCropKeeps: at least half of what makes an image an anomaly stays in view.
func TestCropKeeps(t *testing.T) {
	o := ForKind(Object, 32)
	r := rng.New(4)
	missed := 0
	for range 5000 {
		x, y := r.IntN(90), r.IntN(90)
		keep := image.Rect(x, y, x+1+r.IntN(10), y+1+r.IntN(10))
		again := r
		if c := o.crop(100, 100, keep, &r); 2*areaOf(c.Intersect(keep)) < areaOf(keep) {
			t.Fatalf("crop %v loses %v", c, keep)
		}
		if c := o.crop(100, 100, image.Rectangle{}, &again); 2*areaOf(c.Intersect(keep)) < areaOf(keep) {
			missed++
		}
	}
	if missed < 1000 {
		t.Errorf("only %d of 5000 crops would have lost the anomaly: the test shows nothing", missed)
	}
}
