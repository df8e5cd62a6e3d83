package main

import (
	"fmt"
	"testing"

	"anomem/describe"
	"anomem/imageio"
)

// The sheet keeps the highest scores, of equal ones the first, and small pictures of them.
func TestSheetKeepsTheHighest(t *testing.T) {
	s := &sheet{most: 3, colours: new(describe.Colours)}
	for i, score := range []float64{1, 5, 3, 5, 2, 4, 3} {
		img := imageio.NewImage(1000, 400)
		s.add(describe.Image{Path: fmt.Sprint(i), Score: score}, img, &imageio.Map{W: 1000, H: 400, Value: make([]float32, 400000)})
	}
	var names string
	for _, x := range s.top {
		names += x.Name
		if x.Image.W != 256 || x.Heat.W != x.Image.W || x.Heat.H != x.Image.H {
			t.Errorf("%d×%d pixels, a heatmap of %d×%d", x.Image.W, x.Image.H, x.Heat.W, x.Heat.H)
		}
	}
	if names != "135" {
		t.Errorf("images %s, want 1, 3, 5", names)
	}
	if len(s.scores) != 7 {
		t.Errorf("%d scores", len(s.scores))
	}
	if got := s.draw().Bounds().Size(); got.X != 3*(516+8)+8 || got.Y != 102+32+16 {
		t.Errorf("the sheet is of %v", got)
	}
	s.top = nil
	s.draw() // nothing was scored
}
