package imageio

import (
	"bytes"
	"testing"
)

// letters is an image of a row, one grey value a letter.
func letters(s string) *Image {
	m := NewImage(len(s), 1)
	for i := range s {
		m.Pix[3*i], m.Pix[3*i+1], m.Pix[3*i+2] = s[i], s[i], s[i]
	}
	return m
}

// spell reads the first column (down) or row of an image of letters.
func spell(m *Image, down bool) string {
	n, step := m.W, 3
	if down {
		n, step = m.H, 3*m.W
	}
	var s []byte
	for i := range n {
		s = append(s, m.Pix[step*i])
	}
	return string(s)
}

func TestCropReflect(t *testing.T) {
	for _, c := range []struct {
		image string
		x, w  int
		want  string
	}{
		{"abcd", 0, 4, "abcd"}, {"abcd", 1, 2, "bc"},
		{"abcd", -3, 10, "dcbabcdcba"}, {"abcd", -8, 20, "cbabcdcbabcdcbabcdcb"},
		{"abcd", 7, 3, "bcd"}, {"abcd", -100, 3, "cdc"},
		{"ab", -2, 5, "ababa"}, {"a", -2, 4, "aaaa"},
	} {
		m := letters(c.image)
		if got := spell(m.CropReflect(c.x, 0, c.w, 1), false); got != c.want {
			t.Errorf("%q from %d, %d wide: %q, want %q", c.image, c.x, c.w, got, c.want)
		}
		if got := spell(m.Rotate90(-1).CropReflect(0, c.x, 1, c.w), true); got != c.want {
			t.Errorf("%q from %d, %d high: %q, want %q", c.image, c.x, c.w, got, c.want)
		}
	}
}

// Every rectangle around a small image, pixel by pixel.
func TestCropReflectPixels(t *testing.T) {
	m := noise(3, 4)
	for x := -7; x < 8; x++ {
		for y := -7; y < 8; y++ {
			for w := 1; w < 9; w++ {
				h := 9 - w
				got := m.CropReflect(x, y, w, h)
				for i := range w * h {
					// Mirrors by hand, one crossing at a time.
					u, v := x+i%w, y+i/w
					for u < 0 || u >= m.W {
						u = max(-u, min(u, 2*(m.W-1)-u))
					}
					for v < 0 || v >= m.H {
						v = max(-v, min(v, 2*(m.H-1)-v))
					}
					if want := m.Pix[3*(m.W*v+u):][:3]; !bytes.Equal(got.Pix[3*i:][:3], want) {
						t.Fatalf("%d×%d at (%d, %d): pixel %d is %v, want %v", w, h, x, y, i, got.Pix[3*i:][:3], want)
					}
				}
			}
		}
	}
}

func TestCrop(t *testing.T) {
	m := noise(7, 5)
	got := m.Crop(2, 1, 3, 4)
	for y := range 4 {
		if want := m.Pix[3*(7*(y+1)+2):][:9]; !bytes.Equal(got.Pix[9*y:][:9], want) {
			t.Errorf("row %d is %v, want %v", y, got.Pix[9*y:][:9], want)
		}
	}
	whole := m.Crop(0, 0, 7, 5)
	if whole.Pix[0]++; !bytes.Equal(whole.Pix[1:], m.Pix[1:]) || whole.Pix[0] == m.Pix[0] {
		t.Error("the whole image is no copy")
	}
	for _, r := range [][4]int{{-1, 0, 2, 2}, {0, -1, 2, 2}, {6, 0, 2, 2}, {0, 4, 2, 2}, {0, 0, 0, 2}, {0, 0, 2, 0}, {1, 1, int(^uint(0) >> 1), 1}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("Crop%v did not panic", r)
				}
			}()
			m.Crop(r[0], r[1], r[2], r[3])
		}()
	}
	wantPanic(t, "imageio: Crop: 2×3 at (6, 1) is not in an image of 7×5", func() { m.Crop(6, 1, 2, 3) })
	wantPanic(t, "imageio: CropReflect: 0×1 of an image of 7×5", func() { m.CropReflect(0, 0, 0, 1) })
	wantPanic(t, "imageio: CropReflect: 1×1 of an image of 0×0", func() { NewImage(0, 0).CropReflect(0, 0, 1, 1) })
}
