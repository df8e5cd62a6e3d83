package report

import (
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"anomem/imageio"
	"anomem/nn/rng"
)

func TestPalette(t *testing.T) {
	if palette[0] != [3]byte{0, 0, 4} || palette[255] != [3]byte{0xfc, 0xff, 0xa4} || palette[17] != [3]byte{0x0c, 0x08, 0x26} {
		t.Errorf("%v, %v, %v", palette[0], palette[17], palette[255])
	}
	for i := 1; i < len(palette); i++ {
		if luma(palette[i][:]) < luma(palette[i-1][:]) {
			t.Errorf("colour %d is darker than the one before", i)
		}
	}
	nan := float32(math.NaN())
	for _, c := range []struct {
		v    float32
		want int
	}{{2, 0}, {1, 0}, {4, 255}, {9, 255}, {2.5, 64}, {3, 128}, {nan, 0}, {float32(math.Inf(1)), 255}, {float32(math.Inf(-1)), 0}} {
		if got := level(c.v, 2, 4); got != c.want {
			t.Errorf("level of %v is %d, want %d", c.v, got, c.want)
		}
	}
}

func TestOverlay(t *testing.T) {
	img := imageio.NewImage(3, 1)
	copy(img.Pix, []byte{100, 100, 100, 0, 0, 0, 255, 255, 255})
	out := Overlay(img, &imageio.Map{W: 3, H: 1, Value: []float32{0, 1, 1}}, 0, 1)
	// A quarter of the first colour; 191 of 256 of the last.
	want := []byte{
		75, 75, (100*192 + 4*64 + 128) >> 8, 255,
		(0xfc*191 + 128) >> 8, (0xff*191 + 128) >> 8, (0xa4*191 + 128) >> 8, 255,
		(255*65 + 0xfc*191 + 128) >> 8, 255, (255*65 + 0xa4*191 + 128) >> 8, 255,
	}
	if out.Rect != image.Rect(0, 0, 3, 1) || !slices.Equal(out.Pix, want) {
		t.Errorf("%v %v, want %v", out.Rect, out.Pix, want)
	}
}

func TestOutline(t *testing.T) {
	out := image.NewNRGBA(image.Rect(0, 0, 6, 5))
	mask := imageio.NewMask(6, 5)
	for y := 1; y < 5; y++ {
		for x := 0; x < 4; x++ {
			mask.Pix[6*y+x] = true
		}
	}
	red := color.NRGBA{255, 0, 0, 255}
	Outline(out, mask, red)
	drawn := ""
	for y := range 5 {
		for x := range 6 {
			if out.NRGBAAt(x, y) == red {
				drawn += "x"
			} else {
				drawn += "."
			}
		}
		drawn += "\n"
	}
	if want := "......\nxxxx..\nx..x..\nx..x..\nxxxx..\n"; drawn != want {
		t.Errorf("drawn\n%swant\n%s", drawn, want)
	}
}

func TestStrip(t *testing.T) {
	r := rng.New(2)
	img := noise(&r, 60, 50)
	mask := imageio.NewMask(60, 50)
	mask.Pix[7*60+9] = true
	heat := &imageio.Map{W: 4, H: 4, Value: make([]float32, 16)}
	s := Strip(img, heat, 0, 1, mask)
	// Enlarged three times, to 180×150.
	if s.Rect != image.Rect(0, 0, 3*180+8, 150) {
		t.Fatalf("%v", s.Rect)
	}
	pixel := img.Pix[3*(7*60+9):]
	for _, c := range []struct {
		x, y int
		want color.NRGBA
	}{
		{29, 23, color.NRGBA{pixel[0], pixel[1], pixel[2], 255}},
		{182, 3, color.NRGBA{}},
		{184 + 27, 21, MaskColour},
		{368 + 28, 22, color.NRGBA{255, 255, 255, 255}},
		{368 + 30, 22, color.NRGBA{0, 0, 0, 255}},
	} {
		if got := s.NRGBAAt(c.x, c.y); got != c.want {
			t.Errorf("at %d, %d: %v, want %v", c.x, c.y, got, c.want)
		}
	}
	if s := Strip(noise(&r, 200, 130), heat, 0, 1, nil); s.Rect != image.Rect(0, 0, 404, 130) {
		t.Errorf("without a mask %v", s.Rect)
	}
}

// A heatmap of one value, as of an image of one colour, is drawn in the first colour.
func TestStripOfOneValue(t *testing.T) {
	img := imageio.NewImage(128, 128)
	for _, v := range []float32{-2, 0, 7} {
		heat := &imageio.Map{W: 2, H: 1, Value: []float32{v, v}}
		lo, hi := heat.Range()
		got, want := Strip(img, heat, lo, hi, nil), Strip(img, heat, v, v+1, nil)
		if !slices.Equal(got.Pix, want.Pix) {
			t.Errorf("value %v: not the first colour", v)
		}
	}
}

// WriteStrip writes what Strip draws.
func TestWriteStrip(t *testing.T) {
	r := rng.New(3)
	x := Example{Image: noise(&r, 40, 30), Heat: &imageio.Map{W: 2, H: 1, Value: []float32{-3, 9}}, Mask: imageio.NewMask(40, 30)}
	x.Mask.Pix[50] = true
	path := filepath.Join(t.TempDir(), "strip.png")
	if err := x.WriteStrip(path, -3, 9); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	got, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	want := Strip(x.Image, x.Heat, -3, 9, x.Mask)
	if n, ok := got.(*image.NRGBA); !ok || n.Rect != want.Rect || !slices.Equal(n.Pix, want.Pix) {
		t.Errorf("%T of %v is not the strip", got, got.Bounds())
	}
}

func TestPicturesThatPanic(t *testing.T) {
	img := imageio.NewImage(2, 2)
	ok := &imageio.Map{W: 1, H: 1, Value: []float32{0}}
	for name, f := range map[string]func(){
		"no colours":   func() { Overlay(img, ok, 1, 1) },
		"NaN":          func() { Overlay(img, ok, float32(math.NaN()), 1) },
		"short map":    func() { Overlay(img, &imageio.Map{W: 2, H: 2, Value: []float32{1}}, 0, 1) },
		"empty map":    func() { Overlay(img, new(imageio.Map), 0, 1) },
		"other mask":   func() { Strip(img, ok, 0, 1, imageio.NewMask(4, 1)) },
		"short mask":   func() { Strip(img, ok, 0, 1, &imageio.Mask{W: 2, H: 2, Pix: make([]bool, 3)}) },
		"long outline": func() { Outline(image.NewNRGBA(image.Rect(0, 0, 2, 2)), imageio.NewMask(5, 1), MaskColour) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			f()
		}()
	}
}

// noise is a picture of random bytes.
func noise(r *rng.Stream, w, h int) *imageio.Image {
	img := imageio.NewImage(w, h)
	for i := range img.Pix {
		img.Pix[i] = byte(r.Uint32())
	}
	return img
}
