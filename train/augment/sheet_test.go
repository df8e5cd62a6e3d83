package augment

import (
	"testing"

	"anomem/imageio"
	"anomem/nn/rng"
)

// TestSheet: pictures in lines, small ones enlarged, grey between them.
func TestSheet(t *testing.T) {
	a, b := picture(40, 20, 1), picture(10, 30, 2) // enlarged twice: a place is 80 wide
	s := Sheet(2, a, b, b)
	if s.W != 2*(80+4)+4 || s.H != s.W {
		t.Fatalf("%d×%d pixels", s.W, s.H)
	}
	grey := [3]byte{128, 128, 128}
	for _, tc := range []struct {
		x, y int
		want [3]byte
	}{
		{4, 4, at(a, 0, 0)}, {83, 43, at(a, 39, 19)}, {4 + 31, 4 + 17, at(a, 15, 8)},
		{88, 4, at(b, 0, 0)}, {107, 63, at(b, 9, 29)}, {4, 88, at(b, 0, 0)},
		{3, 4, grey}, {84, 4, grey}, {4, 44, grey}, {108, 4, grey}, {88, 88, grey}, {171, 171, grey},
	} {
		if got := at(s, tc.x, tc.y); got != tc.want {
			t.Errorf("pixel (%d,%d) is %v, want %v", tc.x, tc.y, got, tc.want)
		}
	}
	if s := Sheet(3); s.H != 4 {
		t.Errorf("no pictures on %d×%d pixels", s.W, s.H)
	}
	if s := Sheet(8, picture(500, 10, 1)); s.W != 508 {
		t.Errorf("one picture of 500 on %d pixels", s.W)
	}
}

// TestPreview: first the image itself, then views; lines of shifts with the changed copy
// before its view.
func TestPreview(t *testing.T) {
	img := picture(24, 24, 1)
	b := Batch{Size: 24, Norm: imagenet}
	s := b.Preview(img, []Shift{Rotate, CutPaste}, rng.New(1))
	const zoom, step = 4, 24*4 + 4
	if s.W != 8*step+4 || s.H != 3*step+4 {
		t.Fatalf("%d×%d pixels", s.W, s.H)
	}
	cell := func(col, line int) *imageio.Image {
		out := imageio.NewImage(24, 24)
		for y := range 24 {
			for x := range 24 {
				p := at(s, 4+col*step+x*zoom, 4+line*step+y*zoom)
				copy(out.Pix[3*(y*24+x):], p[:])
			}
		}
		return out
	}
	same := func(a, b *imageio.Image) bool { return string(a.Pix) == string(b.Pix) }
	for col := range 8 { // views of no strength are the image, and Image inverts Norm
		if !same(cell(col, 0), img) {
			t.Errorf("picture %d is not the image", col)
		}
	}
	for line := 1; line < 3; line++ {
		for col := 0; col < 8; col += 2 {
			if same(cell(col, line), img) || !same(cell(col, line), cell(col+1, line)) {
				t.Errorf("line %d: picture %d is unchanged, or not that of which %d is a view", line, col, col+1)
			}
		}
	}
	b.Options = ForKind(Object, 24)
	other := b.Preview(img, nil, rng.New(1))
	if other.H != step+4 {
		t.Errorf("without shifts %d lines", other.H/step)
	}
}
