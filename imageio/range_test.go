package imageio

import (
	"bytes"
	"image"
	"image/color"
	"math"
	"testing"
)

// Full is what Decode does, for all pictures of 16 bits and of 8.
func TestRangeFull(t *testing.T) {
	full := Full.levels()
	for v := range full {
		if want := to8(uint32(v)); full[v] != want {
			t.Fatalf("%d: %d, want %d", v, full[v], want)
		}
	}
	for _, c := range pictures(image.Rect(-2, -1, 15, 10)) {
		if c.name == "NRGBA64" || c.name == "RGBA64" {
			continue // transparency is composited in 8 bits
		}
		got, want := conversion{paper: onWhite, levels: full}.convert(c.picture), FromImage(c.picture)
		if !bytes.Equal(got.Pix, want.Pix) {
			t.Errorf("%s: other pixels", c.name)
		}
	}
	for name, data := range tinyFiles(t) {
		got, err := Full.Decode(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		want, _ := Decode(bytes.NewReader(data))
		if !bytes.Equal(got.Pix, want.Pix) {
			t.Errorf("%s: other pixels", name)
		}
	}
}

// Twelve bits in sixteen have 256 levels by their range, and 16 without.
func TestRangeOfTwelveBits(t *testing.T) {
	m := painted(image.NewGray16(image.Rect(0, 0, 64, 64)), func(x, y int) color.Color { return color.Gray16{uint16(64*y + x)} })
	data := encodePNG(t, m)
	plain, err := Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	var meter RangeMeter
	for _, d := range [][]byte{data, encodePNG(t, image.NewGray(m.Rect))} {
		if err := meter.Add(bytes.NewReader(d)); err != nil {
			t.Fatal(err)
		}
	}
	g, ok := meter.Range(0)
	if !ok || g != (Range{0, 4095}) || meter.Pictures != 1 || meter.Others != 1 {
		t.Fatalf("%v, %v, %d pictures, %d others", g, ok, meter.Pictures, meter.Others)
	}
	ranged, err := g.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	count := func(m *Image) int {
		var seen [256]int
		n := 0
		for _, v := range m.Pix {
			if seen[v]++; seen[v] == 1 {
				n++
			}
		}
		return n
	}
	if a, b := count(plain), count(ranged); a != 17 || b != 256 {
		t.Errorf("%d and %d levels", a, b)
	}
	for i := range 4096 {
		if want := math.Round(float64(i) * 255 / 4095); float64(ranged.Pix[3*i]) != want {
			t.Fatalf("%d becomes %d, want %g", i, ranged.Pix[3*i], want)
		}
	}
	// A part of the values, in colours: what is outside is black or white.
	c := painted(image.NewNRGBA64(image.Rect(0, 0, 4, 1)), func(x, y int) color.Color {
		return color.NRGBA64{uint16(1000 * x), uint16(1500), 999, []uint16{0xffff, 0xffff, 0, 0xffff}[x]}
	})
	got, err := Range{1000, 2000}.Decode(bytes.NewReader(encodePNG(t, c)))
	if err != nil {
		t.Fatal(err)
	}
	if want := []byte{0, 128, 0, 0, 128, 0, 255, 255, 255, 255, 128, 0}; !bytes.Equal(got.Pix, want) {
		t.Errorf("%v, want %v", got.Pix, want)
	}
	wantPanic(t, "imageio: Range: from 5 to 5", func() { Range{5, 5}.Decode(bytes.NewReader(data)) })
}

func TestRangeMeter(t *testing.T) {
	var meter RangeMeter
	if _, ok := meter.Range(0); ok {
		t.Error("a range of nothing")
	}
	m := painted(image.NewRGBA64(image.Rect(0, 0, 100, 100)), func(x, y int) color.Color {
		switch {
		case x == 7 && y == 9:
			return color.RGBA64{65535, 65535, 65535, 65535} // a hot pixel
		case x == 8 && y == 9:
			return color.RGBA64{0, 0, 0, 65535}
		}
		return color.RGBA64{uint16(400 + x), uint16(500 + x), uint16(600 + x), 65535}
	})
	if err := meter.Add(bytes.NewReader(encodePNG(t, m))); err != nil {
		t.Fatal(err)
	}
	if g, ok := meter.Range(0); !ok || g != Full {
		t.Errorf("all: %v, %v", g, ok)
	}
	if g, ok := meter.Range(0.0001); !ok || g != (Range{400, 699}) {
		t.Errorf("without the odd pixels: %v, %v", g, ok)
	}
	if err := meter.Add(bytes.NewReader([]byte("no picture"))); err == nil {
		t.Error("text has a range")
	}
	wantPanic(t, "imageio: RangeMeter.Range: a share of 0.5", func() { meter.Range(0.5) })
}

func TestRangeText(t *testing.T) {
	for _, g := range []Range{{}, Full, {7, 8}} {
		text, err := g.MarshalText()
		got := Range{1, 2}
		if err2 := got.UnmarshalText(text); err != nil || err2 != nil || got != g {
			t.Errorf("%v becomes %q and %v: %v, %v", g, text, got, err, err2)
		}
	}
	for _, text := range []string{"", "5", "5-5", "6-5", "0-65536", "-1-5", "0-4095-", "a-b"} {
		if g := (Range{1, 2}); g.UnmarshalText([]byte(text)) == nil || g != (Range{1, 2}) {
			t.Errorf("%q is %v", text, g)
		}
	}
}

func TestRangeWidened(t *testing.T) {
	for _, c := range []struct{ g, want Range }{
		{Range{1000, 2000}, Range{875, 2125}},
		{Range{100, 2000}, Range{0, 2237}},
		{Range{60000, 65000}, Range{59375, 65535}},
		{Range{4, 5}, Range{4, 5}},
	} {
		if got := c.g.Widened(0.125); got != c.want {
			t.Errorf("%v becomes %v, want %v", c.g, got, c.want)
		}
	}
}
