package imageio

import (
	"image"
	"math"
	"slices"
	"testing"
)

func TestRegionsByHand(t *testing.T) {
	nan := float32(math.NaN())
	m := &Map{W: 6, H: 4, Value: []float32{
		5, 0, 0, 0, 0, 2,
		0, 5, 0, 3, 0, 2,
		0, 0, 0, 3, 0, 0,
		9, nan, 0, 0, 0, 1,
	}}
	want := []Region{
		{image.Rect(0, 3, 1, 4), 1, 9, image.Pt(0, 3)},
		{image.Rect(0, 0, 2, 2), 2, 5, image.Pt(0, 0)}, // diagonal neighbours are one region
		{image.Rect(3, 1, 4, 3), 2, 3, image.Pt(3, 1)},
		{image.Rect(5, 0, 6, 2), 2, 2, image.Pt(5, 0)},
	}
	if got := m.Regions(1); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if got := m.Regions(9); len(got) != 0 {
		t.Errorf("nothing is above the largest value: %v", got)
	}
}

// The regions of a mask of anything above are as large together as that is.
func TestRegionsCoverWhatIsAbove(t *testing.T) {
	img := noise(37, 23)
	m := &Map{W: 37, H: 23, Value: make([]float32, 37*23)}
	for i := range m.Value {
		m.Value[i] = float32(img.Pix[i])
	}
	for _, threshold := range []float32{-1, 100, 200, 250} {
		area := 0
		for _, r := range m.Regions(threshold) {
			area += r.Area
			if m.Value[r.At.Y*m.W+r.At.X] != r.Peak || !r.At.In(r.Bounds) {
				t.Errorf("above %v: %+v", threshold, r)
			}
		}
		want := 0
		for _, marked := range m.Above(threshold).Pix {
			if marked {
				want++
			}
		}
		if area != want {
			t.Errorf("above %v: %d pixels in regions, %d above", threshold, area, want)
		}
	}
}
