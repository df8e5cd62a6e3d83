package imageio

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// marks writes a mask of one row as 1 and 0.
func marks(m *Mask) string {
	s := ""
	for _, v := range m.Pix {
		s += map[bool]string{false: "0", true: "1"}[v]
	}
	return s
}

func TestDecodeMask(t *testing.T) {
	grey := func(v ...byte) image.Image {
		return &image.Gray{Pix: v, Stride: len(v), Rect: image.Rect(0, 0, len(v), 1)}
	}
	painted := image.NewNRGBA(image.Rect(0, 0, 5, 1))
	for i, c := range []color.NRGBA{{}, {255, 0, 0, 255}, {0, 0, 140, 255}, {255, 255, 255, 0}, {255, 255, 255, 100}} {
		painted.SetNRGBA(i, 0, c)
	}
	for _, c := range []struct {
		what string
		m    image.Image
		want string
	}{
		{"black and white", grey(0, 255, 255, 0), "0110"},
		{"grey edges", grey(3, 127, 128, 250), "0011"},
		{"nothing", grey(0, 0, 0, 0), "0000"},
		{"numbers of kinds", grey(0, 1, 2, 127), "0111"},
		{"paint on glass", painted, "01100"},
		{"16 bits", &image.Gray16{Pix: []byte{0x7f, 0xff, 0xff, 0xff}, Stride: 4, Rect: image.Rect(0, 0, 2, 1)}, "01"},
	} {
		m, err := DecodeMask(bytes.NewReader(encodePNG(t, c.m)))
		if err != nil {
			t.Errorf("%s: %v", c.what, err)
		} else if got := marks(m); got != c.want || m.W != len(c.want) || m.H != 1 {
			t.Errorf("%s: %s, want %s", c.what, got, c.want)
		}
	}
	if m, err := DecodeMask(strings.NewReader("no image")); m != nil || err == nil {
		t.Errorf("%v, %v", m, err)
	}
}

// A disc that went through JPEG is the same disc, at a quality that people use.
func TestDecodeMaskJPEG(t *testing.T) {
	disc := image.NewGray(image.Rect(0, 0, 40, 40))
	for i := range disc.Pix {
		x, y := i%40-17, i/40-22
		if x*x+y*y < 150 {
			disc.Pix[i] = 255
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, disc, &jpeg.Options{Quality: 75}); err != nil {
		t.Fatal(err)
	}
	m, err := DecodeMask(&b)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range m.Pix {
		if v != (disc.Pix[i] == 255) {
			t.Errorf("pixel (%d, %d) is %v", i%40, i/40, v)
		}
	}
}

func TestDecodeMaskFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mask.png")
	if _, err := DecodeMaskFile(path); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("missing: %v", err)
	}
	data := encodePNG(t, &image.Gray{Pix: []byte{0, 255}, Stride: 2, Rect: image.Rect(0, 0, 2, 1)})
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	if m, err := DecodeMaskFile(path); err != nil || marks(m) != "01" {
		t.Errorf("%v, %v", m, err)
	}
	if err := os.WriteFile(path, data[:40], 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := DecodeMaskFile(path); err == nil || !strings.HasPrefix(err.Error(), path+": the png is cut off") {
		t.Errorf("cut off: %v", err)
	}
}

func TestMaskResize(t *testing.T) {
	m := &Mask{W: 4, H: 2, Pix: []bool{true, false, false, true, false, false, true, false}}
	for _, c := range []struct {
		w, h int
		want string
	}{
		{4, 2, "10010010"},
		{8, 2, "11000011" + "00001100"},
		{4, 4, "1001" + "1001" + "0010" + "0010"},
		{2, 1, "00"},          // the centres are on columns 1 and 3 of row 1
		{3, 2, "101" + "010"}, // columns 0, 2 and 3
		{1, 1, "1"},
	} {
		if got := m.Resize(c.w, c.h); got.W != c.w || got.H != c.h || marks(got) != c.want {
			t.Errorf("%d×%d: %s, want %s", c.w, c.h, marks(got), c.want)
		}
	}
	wantPanic(t, "imageio: Mask.Resize: from 4×2 to 0×1", func() { m.Resize(0, 1) })
}

func TestMaskAnyIn(t *testing.T) {
	m := NewMask(10, 6)
	m.Pix[3*10+4] = true // (4, 3)
	for _, c := range []struct {
		r    image.Rectangle
		want bool
	}{
		{image.Rect(0, 0, 10, 6), true}, {image.Rect(4, 3, 5, 4), true}, {image.Rect(0, 0, 4, 6), false},
		{image.Rect(5, 0, 10, 6), false}, {image.Rect(0, 0, 10, 3), false}, {image.Rect(0, 4, 10, 6), false},
		{image.Rect(-5, -5, 30, 30), true}, {image.Rect(10, 0, 20, 6), false}, {image.Rect(4, 3, 4, 3), false},
	} {
		if got := m.AnyIn(c.r); got != c.want {
			t.Errorf("%v: %v", c.r, got)
		}
	}
}

func TestMaskBoundsAndCrop(t *testing.T) {
	m := NewMask(10, 6)
	if m.Any() || (*Mask)(nil).Any() || m.Bounds() != (image.Rectangle{}) {
		t.Error("an empty mask marks something")
	}
	m.Pix[3*10+4], m.Pix[1*10+7] = true, true // (4, 3), (7, 1)
	if got, want := m.Bounds(), image.Rect(4, 1, 8, 4); !m.Any() || got != want {
		t.Errorf("bounds %v, want %v", got, want)
	}
	c := m.Crop(image.Rect(4, 2, 12, 9))
	if c.W != 8 || c.H != 7 || c.Bounds() != image.Rect(0, 1, 1, 2) {
		t.Errorf("crop of %d×%d marks %v", c.W, c.H, c.Bounds())
	}
	c.Add(c)
	o := NewMask(8, 7)
	o.Pix[0] = true
	if c.Add(o); c.Bounds() != image.Rect(0, 0, 1, 2) {
		t.Errorf("with another: %v", c.Bounds())
	}
}

// A mark of one pixel is still there in a mask a third as large.
func TestMaskShrinkKeepsSmallMarks(t *testing.T) {
	mask := NewMask(90, 60)
	mask.Pix[59*90+89], mask.Pix[0] = true, true
	got := mask.Shrink(30, 20)
	if got.W != 30 || got.H != 20 {
		t.Fatalf("%d×%d", got.W, got.H)
	}
	for i, in := range got.Pix {
		if in != (i == 0 || i == len(got.Pix)-1) {
			t.Errorf("pixel %d: %v", i, in)
		}
	}
}
