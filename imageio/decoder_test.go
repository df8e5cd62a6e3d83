package imageio

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/png"
	"testing"
)

// A decoder counts pictures by their bits, and no file that it cannot decode.
func TestDecoder(t *testing.T) {
	deep := painted(image.NewGray16(image.Rect(0, 0, 3, 1)), func(x, y int) color.Color { return color.Gray16{uint16(1000 + 500*x)} })
	d := Decoder{Range: Range{1000, 2000}}
	for _, c := range []struct {
		data []byte
		want []byte
	}{
		{encodePNG(t, deep), []byte{0, 0, 0, 128, 128, 128, 255, 255, 255}},
		{encodePNG(t, image.NewGray(image.Rect(0, 0, 1, 1))), []byte{0, 0, 0}},
		{encodePNG(t, image.NewNRGBA64(image.Rect(0, 0, 1, 1))), []byte{255, 255, 255}},
	} {
		m, err := d.Decode(bytes.NewReader(c.data))
		if err != nil || !bytes.Equal(m.Pix, c.want) {
			t.Errorf("%v, %v, want %v", m, err, c.want)
		}
	}
	if _, err := d.Decode(bytes.NewReader([]byte("no picture"))); err == nil {
		t.Error("text is a picture")
	}
	if shallow, deep := d.Depths(); shallow != 1 || deep != 2 {
		t.Errorf("%d and %d pictures, want 1 and 2", shallow, deep)
	}
	// Without a range a decoder is Decode.
	got, err := new(Decoder).Decode(bytes.NewReader(encodePNG(t, deep)))
	if err != nil || !bytes.Equal(got.Pix, []byte{4, 4, 4, 6, 6, 6, 8, 8, 8}) {
		t.Errorf("%v, %v", got, err)
	}
}

// Allow is asked before pixels are decoded: of a header alone, too, which cannot be.
func TestDecoderAllows(t *testing.T) {
	refused := errors.New("too many for today")
	var asked [][2]int
	d := &Decoder{Allow: func(w, h int) error {
		asked = append(asked, [2]int{w, h})
		if w*h > 12 {
			return refused
		}
		return nil
	}}
	if _, err := d.Decode(bytes.NewReader(pngOf(13, 1))); !errors.Is(err, refused) {
		t.Errorf("13 pixels: %v", err)
	}
	if _, err := d.Decode(bytes.NewReader(pngOf(MaxPixels, 2))); err == nil || errors.Is(err, refused) {
		t.Errorf("more pixels than any decoder takes: %v", err)
	}
	var file bytes.Buffer
	if err := png.Encode(&file, image.NewGray(image.Rect(0, 0, 4, 3))); err != nil {
		t.Fatal(err)
	}
	if m, err := d.Decode(&file); err != nil || m.W != 4 || m.H != 3 {
		t.Errorf("12 pixels: %v, %v", m, err)
	}
	if len(asked) != 2 || asked[0] != [2]int{13, 1} || asked[1] != [2]int{4, 3} {
		t.Errorf("it was asked of %v", asked)
	}
}
