package augment

import (
	"image"
	"math"
	"testing"

	"anomem/imageio"
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
			c := o.crop(shape[0], shape[1], kept{}, &r)
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
		if got := o.crop(60, 40, kept{}, &r); got != tc.want {
			t.Errorf("ratio %v: %v, want %v", tc.ratio, got, tc.want)
		}
	}
	r := rng.New(1)
	o := Options{CropArea: [2]float64{1, 1}, CropRatio: [2]float64{0.5, 2}}
	if got := o.crop(1, 1, kept{}, &r); got != image.Rect(0, 0, 1, 1) {
		t.Errorf("crop of one pixel: %v", got)
	}
	if got := new(Options).crop(60, 40, kept{}, &r); got != image.Rect(0, 0, 60, 40) {
		t.Errorf("no crop: %v", got)
	}
}

// TestCropKeeps: most of what makes an image an anomaly stays in view if it is small.
func TestCropKeeps(t *testing.T) {
	o := ForKind(Object, 32)
	r := rng.New(4)
	missed := 0
	for range 5000 {
		x, y := r.IntN(90), r.IntN(90)
		keep := image.Rect(x, y, x+1+r.IntN(10), y+1+r.IntN(10))
		again := r
		if c := o.crop(100, 100, kept{bounds: keep}, &r); 2*areaOf(c.Intersect(keep)) < areaOf(keep) {
			t.Fatalf("crop %v loses %v", c, keep)
		}
		if c := o.crop(100, 100, kept{}, &again); 2*areaOf(c.Intersect(keep)) < areaOf(keep) {
			missed++
		}
	}
	if missed < 1000 {
		t.Errorf("only %d of 5000 crops would have lost the anomaly: the test shows nothing", missed)
	}
}

// A thin stroke fills little of its bounds: the places that show none of it are not taken.
func TestCropKeepsStrokes(t *testing.T) {
	o := Options{CropArea: [2]float64{0.05, 0.1}, CropRatio: [2]float64{1, 1}}
	corner := imageio.NewMask(100, 100) // an L
	for i := range 90 {
		corner.Pix[100*(5+i)+5], corner.Pix[100*94+5+i] = true, true
	}
	keep, r := kept{corner.Bounds(), corner}, rng.New(5)
	missed := 0
	for range 1000 {
		again := r
		if c := o.crop(100, 100, keep, &r); !corner.AnyIn(c) {
			t.Fatalf("crop %v shows nothing", c)
		}
		if c := o.crop(100, 100, kept{bounds: keep.bounds}, &again); !corner.AnyIn(c) {
			missed++
		}
	}
	if missed < 300 {
		t.Errorf("only %d of 1000 crops of the bounds show nothing", missed)
	}
	last := imageio.NewMask(100, 100) // two far pixels, which ten draws of the place miss
	last.Pix[0], last.Pix[100*100-1] = true, true
	o.CropArea = [2]float64{0.0004, 0.0004}
	for range 100 {
		if c := o.crop(100, 100, kept{last.Bounds(), last}, &r); !last.AnyIn(c) || c.Dx() != 2 {
			t.Fatalf("crop %v shows nothing", c)
		}
	}
}

// TestCropSizesAreEqual: views of made anomalies are enlarged as much as views of normal
// images, for every kind and shift, with masks of known anomalies, and within regions.
// Otherwise the enlargement would tell them apart.
func TestCropSizesAreEqual(t *testing.T) {
	const n = 300
	img := picture(80, 60, 2)
	mask, region := imageio.NewMask(80, 60), imageio.NewMask(80, 60)
	for i := range mask.Pix {
		x, y := i%80, i/80
		mask.Pix[i] = x < 9 && y > 51
		region.Pix[i] = x > 4 && y > 20
	}
	// The mean share of a row's image in its views, and its standard error.
	shares := func(kind Kind, row Row, stream uint64) (mean, off float64) {
		o := ForKind(kind, 16)
		var s Shifted
		for i := range uint64(n) {
			shifting, view := rng.New(7, stream, i), rng.New(8, stream, i)
			row.Shift.IntoWithin(&s, img, row.Region, &shifting)
			c := o.draw(s.Image.W, s.Image.H, row.keep(&s), &view).crop
			share := float64(areaOf(c)) / (80 * 60)
			mean += share / n
			off += share * share / n
		}
		return mean, math.Sqrt((off - mean*mean) / n)
	}
	for _, kind := range []Kind{Object, Part, Texture} {
		normal, by := shares(kind, Row{Image: img}, 0)
		rows := map[string]Row{"known": {Image: img, Mask: mask}, "region": {Image: img, Region: region}}
		for _, s := range []Shift{Rotate, CutPaste, Blemish, Mixed} {
			rows[s.String()] = Row{Image: img, Shift: s}
			rows[s.String()+" in a region"] = Row{Image: img, Shift: s, Region: region}
		}
		for name, row := range rows {
			made, off := shares(kind, row, uint64(1+len(name)))
			if math.Abs(made-normal) > 4*math.Hypot(by, off) {
				t.Errorf("%v, %s: views show %.3f of an image, and of a normal one %.3f", kind, name, made, normal)
			}
		}
	}
}

func areaOf(r image.Rectangle) int { return r.Dx() * r.Dy() }
