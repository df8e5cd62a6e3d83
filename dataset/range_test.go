package dataset

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"testing"

	"anomem/imageio"
)

// deep returns a PNG of 16 bits a channel that has the values from lo to lo+99, a row each.
func deep(t *testing.T, lo int) string {
	t.Helper()
	m := image.NewGray16(image.Rect(0, 0, 10, 100))
	for y := range 100 {
		for x := range 10 {
			m.SetGray16(x, y, color.Gray16{Y: uint16(lo + y)})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// levels counts the grey levels of an image.
func levels(m *imageio.Image) int {
	seen := map[byte]bool{}
	for _, v := range m.Pix {
		seen[v] = true
	}
	return len(seen)
}

// The range is that of the normal images that are trained on: neither of known anomalies
// nor of held-out images. All of them are decoded by it.
func TestRangeOfTraining(t *testing.T) {
	content := map[string]string{"cut/a.png": deep(t, 4000)}
	for i := range 10 {
		content[fmt.Sprintf("good/%d.png", i)] = deep(t, 1000)
	}
	d := mustOpen(t, files(t, content), Options{Layout: Classes})
	for i := range d.Items {
		d.Items[i].Labelled = true
	}
	plain, err := d.Read(t.Context(), []int{1}, ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if img, err := plain.Image(0); err != nil || levels(img) != 1 {
		t.Errorf("without a range: %v, %v", img, err)
	}
	for _, keep := range []int64{0, 1 << 20} {
		set := mustTrain(t, d, TrainingOptions{Read: ReadOptions{Keep: keep}, HoldOut: 0.5, Fixed: true})
		want := imageio.Range{Lo: 988, Hi: 1111}
		if g, ok := RangeOf(set.All); !ok || g != want || set.Held.Range() != want {
			t.Errorf("range %v, want %v", g, want)
		}
		for _, im := range []*Images{set.All, set.Held} {
			for k := range im.Len() {
				img, err := im.Image(k)
				if err != nil {
					t.Fatal(err)
				}
				if im.Normal(k) && levels(img) != 100 || !im.Normal(k) && (levels(img) != 1 || img.Pix[0] != 255) {
					t.Errorf("%s has %d levels, the first %d", im.Item(k).Path, levels(img), img.Pix[0])
				}
			}
		}
		wantWarnings(t, set.Warnings())
	}
	set := mustTrain(t, d, TrainingOptions{Range: &imageio.Range{Lo: 0, Hi: 4095}})
	if img, err := set.All.Image(1); err != nil || set.All.Range() != (imageio.Range{Lo: 0, Hi: 4095}) || img.Pix[0] != 62 {
		t.Errorf("as asked for: %v, %v", img, err)
	}
	set = mustTrain(t, d, TrainingOptions{Range: &imageio.Range{}})
	if img, err := set.All.Image(1); err != nil || set.All.Range() != (imageio.Range{}) || img.Pix[0] != 4 {
		t.Errorf("none, as asked for: %v, %v", img, err)
	}
}

// Held-out images have no part in the range.
func TestRangeWithoutHeld(t *testing.T) {
	content := map[string]string{}
	for i := range 10 {
		content[fmt.Sprintf("good/%d.png", i)] = deep(t, 1000*i)
	}
	d := mustOpen(t, files(t, content), Options{Layout: Classes})
	set := mustTrain(t, d, TrainingOptions{HoldOut: 0.9, Fixed: true})
	var lo int
	if _, err := fmt.Sscanf(set.All.Item(0).rel, "good/%d.png", &lo); err != nil {
		t.Fatal(err)
	}
	want := imageio.Range{Lo: uint16(max(0, 1000*lo-12)), Hi: uint16(1000*lo + 111)}
	if set.All.Len() != 1 || set.All.Range() != want {
		t.Errorf("of %d images, range %v, want %v", set.All.Len(), set.All.Range(), want)
	}
}

// Images of 8 bits have no range, and are said to be among those that have one.
func TestRangeOfEightBits(t *testing.T) {
	content := images("good/0.png", "good/1.png")
	d := mustOpen(t, files(t, content), Options{Layout: Classes})
	if set := mustTrain(t, d, TrainingOptions{}); set.All.Range() != (imageio.Range{}) || set.Warnings() != nil {
		t.Errorf("range %v, warnings %q", set.All.Range(), set.Warnings())
	}
	content["good/2.png"] = deep(t, 1000)
	d = mustOpen(t, files(t, content), Options{Layout: Classes})
	set := mustTrain(t, d, TrainingOptions{})
	wantWarnings(t, set.Warnings(), "images of 8 bits a channel: 2, of 16: 1; only the latter are mapped by a range (988-1111)")
	// Who decodes the images maps their values, too.
	d = mustOpen(t, files(t, content), Options{Layout: Classes, Decode: func(r io.Reader) (*imageio.Image, error) { return imageio.Decode(r) }})
	if set := mustTrain(t, d, TrainingOptions{}); set.All.Range() != (imageio.Range{}) || set.Warnings() != nil {
		t.Errorf("range %v, warnings %q", set.All.Range(), set.Warnings())
	}
	// A single value has no range of its own.
	black := image.NewGray16(image.Rect(0, 0, 2, 2))
	var b bytes.Buffer
	if err := png.Encode(&b, black); err != nil {
		t.Fatal(err)
	}
	d = mustOpen(t, files(t, map[string]string{"good/0.png": b.String()}), Options{Layout: Classes})
	if set := mustTrain(t, d, TrainingOptions{}); set.All.Range() != imageio.Full {
		t.Errorf("range %v", set.All.Range())
	}
}
