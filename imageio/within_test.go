package imageio

import (
	"bytes"
	"image"
	"slices"
	"testing"
)

// blot returns a mask of an L of w×h pixels.
func blot(w, h int) *Mask {
	m := NewMask(w, h)
	for i := range m.Pix {
		x, y := i%w, i/w
		m.Pix[i] = x >= 1 && y >= 2 && x < w-2 && y < h-1 && (x == 1 || y == h-2)
	}
	return m
}

func TestWithin(t *testing.T) {
	img, region := numbered(7, 6), blot(7, 6)
	part, inside := img.Within(region)
	if part.W != 4 || part.H != 3 || inside.W != 4 || inside.H != 3 {
		t.Fatalf("a part of %d×%d, a region of %d×%d", part.W, part.H, inside.W, inside.H)
	}
	for i, in := range inside.Pix {
		x, y := i%4, i/4
		want := []byte{128, 128, 128}
		if x == 0 || y == 2 {
			at := 3 * ((y+2)*7 + x + 1)
			want = img.Pix[at : at+3]
		}
		if in != (x == 0 || y == 2) || !bytes.Equal(part.Pix[3*i:3*i+3], want) {
			t.Errorf("(%d, %d): %v, inside: %t, want %v", x, y, part.Pix[3*i:3*i+3], in, want)
		}
	}
	// What is within stays as it is.
	again, same := part.Within(inside)
	if !bytes.Equal(again.Pix, part.Pix) || !slices.Equal(same.Pix, inside.Pix) {
		t.Error("a part of a part is another")
	}
	wantPanic(t, "imageio: Within: a region of 7×6, an image of 6×7", func() { numbered(6, 7).Within(region) })
	wantPanic(t, "imageio: Within: a region of 7×6, an image of 7×6", func() { img.Within(NewMask(7, 6)) })
}

// numbered returns an image whose bytes count.
func numbered(w, h int) *Image {
	m := NewImage(w, h)
	for i := range m.Pix {
		m.Pix[i] = byte(i)
	}
	return m
}

// A cell is touched if the image's part under it, reflected beyond the edges, has a mark.
func TestTouches(t *testing.T) {
	m := blot(7, 6)
	for _, r := range []image.Rectangle{image.Rect(0, 0, 7, 6), image.Rect(2, 0, 6, 4), image.Rect(0, 0, 9, 9), image.Rect(-3, 2, 4, 5)} {
		for _, n := range [][2]int{{1, 1}, {2, 3}, {3, 2}, {8, 8}} {
			rows, cols := n[0], n[1]
			got := m.Touches(r, rows, cols)
			for i := range got {
				want := false
				for y := range r.Dy() {
					for x := range r.Dx() {
						// A pixel is under a cell if they overlap.
						under := (y+1)*rows > i/cols*r.Dy() && y*rows < (i/cols+1)*r.Dy() && (x+1)*cols > i%cols*r.Dx() && x*cols < (i%cols+1)*r.Dx()
						want = want || under && m.Pix[mirrored(r.Min.Y+y, m.H)*m.W+mirrored(r.Min.X+x, m.W)]
					}
				}
				if got[i] != want {
					t.Errorf("%v in %d×%d cells: cell %d is %t", r, rows, cols, i, got[i])
				}
			}
		}
	}
}

// A mask turns as an image that shows it.
func TestMaskRotate90(t *testing.T) {
	m := blot(7, 6)
	img := NewImage(7, 6)
	for i, in := range m.Pix {
		if in {
			img.Pix[3*i] = 255
		}
	}
	for k := -1; k < 5; k++ {
		got, want := m.Rotate90(k), img.Rotate90(k)
		if got.W != want.W || got.H != want.H {
			t.Fatalf("%d turns: %d×%d", k, got.W, got.H)
		}
		for i, in := range got.Pix {
			if in != (want.Pix[3*i] == 255) {
				t.Errorf("%d turns: pixel %d is %t", k, i, in)
			}
		}
	}
	both := blot(7, 6)
	both.And(NewMask(7, 6))
	if both.Any() || m.Bounds() != image.Rect(1, 2, 5, 5) {
		t.Errorf("bounds %v", m.Bounds())
	}
}
