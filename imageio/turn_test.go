package imageio

import (
	"bytes"
	"testing"
)

// same reports whether the pixels of m are those of want at (x, y) → at(x, y).
func same(m, want *Image, at func(x, y int) (int, int)) bool {
	for y := range m.H {
		for x := range m.W {
			u, v := at(x, y)
			if !bytes.Equal(m.Pix[3*(m.W*y+x):][:3], want.Pix[3*(want.W*v+u):][:3]) {
				return false
			}
		}
	}
	return true
}

// Sizes around the blocks that gather walks in.
func TestTurns(t *testing.T) {
	for _, s := range [][2]int{{1, 1}, {1, 5}, {5, 1}, {3, 2}, {31, 33}, {32, 64}, {65, 70}} {
		m := noise(s[0], s[1])
		w, h := m.W, m.H
		for k, at := range []func(x, y int) (int, int){
			func(x, y int) (int, int) { return x, y },
			func(x, y int) (int, int) { return w - 1 - y, x }, // the right column is the first row
			func(x, y int) (int, int) { return w - 1 - x, h - 1 - y },
			func(x, y int) (int, int) { return y, h - 1 - x },
		} {
			for _, k := range []int{k, k - 4, k + 4, k - 400} {
				got := m.Rotate90(k)
				if k%2 == 0 && (got.W != w || got.H != h) || k%2 != 0 && (got.W != h || got.H != w) || !same(got, m, at) {
					t.Errorf("%v: %d quarter turns are wrong", s, k)
				}
			}
		}
		if got := m.FlipH(); got.W != w || got.H != h || !same(got, m, func(x, y int) (int, int) { return w - 1 - x, y }) {
			t.Errorf("%v: FlipH is wrong", s)
		}
		if m.Rotate90(0).Pix[0]++; !bytes.Equal(m.Pix, noise(w, h).Pix) {
			t.Errorf("%v: no turn shares memory", s)
		}
	}
}

func TestTurnsOfNothing(t *testing.T) {
	for _, s := range [][2]int{{0, 0}, {0, 3}, {3, 0}} {
		m := NewImage(s[0], s[1])
		if got := m.Rotate90(1); got.W != s[1] || got.H != s[0] {
			t.Errorf("%v turned is %d×%d", s, got.W, got.H)
		}
		m.FlipH()
	}
}
