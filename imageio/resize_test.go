package imageio

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"testing"
)

// Widths and heights before and after: shrinking, growing, both, primes, single pixels,
// an axis as it is, and every rest of eight bytes in a row.
var resizes = [][4]int{
	{16, 16, 4, 4}, {16, 16, 16, 5}, {16, 16, 5, 16}, {1, 1, 5, 3}, {5, 3, 1, 1}, {2, 2, 3, 3}, {3, 3, 2, 2},
	{37, 41, 13, 50}, {64, 1, 7, 1}, {1, 64, 1, 7}, {127, 3, 126, 4}, {126, 4, 127, 3}, {400, 5, 3, 2}, {5, 300, 11, 7},
	{9, 9, 4, 4}, {10, 9, 4, 4}, {11, 9, 4, 4}, {12, 9, 4, 4}, {13, 9, 4, 4}, {14, 9, 4, 4}, {15, 9, 4, 4},
}

// exactWeights is the definition in Resize's comment: of all inputs, in float64.
func exactWeights(in, out, x int) []float64 {
	scale := float64(in) / float64(out)
	w := make([]float64, in)
	sum := 0.0
	for j := range w {
		w[j] = max(0, 1-math.Abs(float64(j)+0.5-(float64(x)+0.5)*scale)/max(scale, 1))
		sum += w[j]
	}
	for j := range w {
		w[j] /= sum
	}
	return w
}

// The bound that Resize's comment gives: half a level to round, half a unit of 1/256
// between the axes, a unit for each weight.
func TestResizeIsExact(t *testing.T) {
	for _, s := range resizes {
		m := noise(s[0], s[1])
		got := m.Resize(s[2], s[3])
		taps := 0
		for axis := range 2 {
			var r resampling
			r.set(s[axis], s[axis+2])
			most := 0
			for x := range s[axis+2] {
				_, w := r.of(x)
				most = max(most, len(w))
			}
			taps += most
		}
		bound := 0.5 + 1.0/512 + 255*float64(taps)/(1<<24) + 1e-9
		for y := range s[3] {
			wy := exactWeights(m.H, s[3], y)
			for x := range s[2] {
				wx := exactWeights(m.W, s[2], x)
				for c := range 3 {
					want := 0.0
					for j, v := range wy {
						for i, u := range wx {
							want += v * u * float64(m.Pix[3*(m.W*j+i)+c])
						}
					}
					if g := got.Pix[3*(s[2]*y+x)+c]; math.Abs(float64(g)-want) > bound {
						t.Fatalf("%v: pixel (%d, %d), channel %d is %d, want %.4f ± %.4f", s, x, y, c, g, want, bound)
					}
				}
			}
		}
	}
}

// The weights of every result sum to one, exactly.
func TestResizeWeights(t *testing.T) {
	axes := [][2]int{{1, 1000}, {1 << 22, 1}} // the sums of the latter times 1<<weightBits take 69 bits
	for in := 1; in <= 40; in++ {
		for out := 1; out <= 40; out++ {
			axes = append(axes, [2]int{in, out})
		}
	}
	var r resampling
	for _, a := range axes {
		r.set(a[0], a[1]) // of the axis before, nothing is left
		for x := range a[1] {
			first, weights := r.of(x)
			sum := 0
			for _, w := range weights {
				sum += int(w)
			}
			if sum != 1<<weightBits || first < 0 || len(weights) == 0 || first+len(weights) > a[0] {
				t.Fatalf("%v: result %d: inputs %d to %d, weights sum to %d", a, x, first, first+len(weights), sum)
			}
		}
	}
}

// What is black or white stays so, to the last bit of the sums.
func TestResizeKeepsFlatImages(t *testing.T) {
	for _, s := range resizes {
		for _, v := range []byte{0, 1, 254, 255} {
			m := NewImage(s[0], s[1])
			for i := range m.Pix {
				m.Pix[i] = v
			}
			for _, g := range m.Resize(s[2], s[3]).Pix {
				if g != v {
					t.Fatalf("%v: %d became %d", s, v, g)
				}
			}
		}
	}
}

func TestResizeToItsOwnSize(t *testing.T) {
	m := noise(19, 23)
	got := m.Resize(19, 23)
	if !bytes.Equal(got.Pix, m.Pix) {
		t.Error("the image changed")
	}
	if &got.Pix[0] == &m.Pix[0] {
		t.Error("the copy shares memory")
	}
	// An axis that stays is not touched by the other one.
	row := NewImage(19, 3)
	for y := range 3 {
		copy(row.Pix[3*19*y:], m.Pix[:3*19])
	}
	if got := row.Resize(19, 8); !bytes.Equal(got.Pix[:3*19], m.Pix[:3*19]) || !bytes.Equal(got.Pix[7*3*19:], m.Pix[:3*19]) {
		t.Error("rows that are alike changed when only the height did")
	}
}

// Pillow rounds to whole levels between the axes and at the end, so that it is up to a
// level off, and we half a level.
func TestResizeIsPillows(t *testing.T) {
	lines := fixture(t, "resize.txt")
	differ, all := 0, 0
	for _, line := range lines {
		var w, h, w2, h2 int
		var pixels string
		if _, err := fmt.Sscan(line, &w, &h, &w2, &h2, &pixels); err != nil {
			t.Fatal(err)
		}
		want := unhex(t, pixels)
		got := pattern(w, h).Resize(w2, h2)
		if len(want) != len(got.Pix) {
			t.Fatalf("%d bytes stored, want %d", len(want), len(got.Pix))
		}
		for i, v := range got.Pix {
			d := distance(int(v), int(want[i]))
			if d > 1 {
				t.Errorf("%d×%d to %d×%d: byte %d is %d, Pillow's %d", w, h, w2, h2, i, v, want[i])
			}
			differ, all = differ+d, all+1
		}
	}
	if len(lines) != 8 || differ*4 > all {
		t.Errorf("%d cases, %d of %d bytes differ from Pillow's", len(lines), differ, all)
	}
}

// pattern is the one of testdata/images/generate.py.
func pattern(w, h int) *Image {
	m := NewImage(w, h)
	for i := range m.Pix {
		c, x, y := i%3, i/3%w, i/3/w
		m.Pix[i] = byte(3*x*x + 5*y*y + 7*x*y + 29*x + 13*y + 101*c)
	}
	return m
}

// The bits are the same on every architecture.
func TestResizeBits(t *testing.T) {
	hash := sha256.New()
	for _, s := range resizes {
		hash.Write(pattern(s[0], s[1]).Resize(s[2], s[3]).Pix)
	}
	const want = "a11a9a51c44da9a66b0541938c8130960d55abe788fe4e50e863aac48e86275e"
	if got := hex.EncodeToString(hash.Sum(nil)); got != want {
		t.Errorf("digest %s, want %s", got, want)
	}
}

func TestResizePanics(t *testing.T) {
	wantPanic(t, "imageio: Resize: from 3×2 to 0×4", func() { NewImage(3, 2).Resize(0, 4) })
	wantPanic(t, "imageio: Resize: from 3×2 to 4×-1", func() { NewImage(3, 2).Resize(4, -1) })
	wantPanic(t, "imageio: Resize: from 0×2 to 4×4", func() { NewImage(0, 2).Resize(4, 4) })
}
