package energy

import (
	"fmt"
	"hash/fnv"
	"math"
	"testing"

	"anomem/imageio"
	"anomem/nn/rng"
)

func random(w, h int, seed uint64) *imageio.Image {
	img, r := imageio.NewImage(w, h), rng.New(seed)
	for i := range img.Pix {
		img.Pix[i] = byte(r.IntN(256))
	}
	return img
}

// slow is Of by its definition, in float64.
func slow(img *imageio.Image, window int) [][Values]float64 {
	w, h := img.W, img.H
	v := make([]float64, w*h)
	for i := range v {
		v[i] = float64(img.Pix[3*i]) + float64(img.Pix[3*i+1]) + float64(img.Pix[3*i+2])
	}
	rows, cols := windows(h, window), windows(w, window)
	out := make([][Values]float64, rows*cols)
	for level := range levels {
		at := func(x, y int) float64 { return v[min(max(y, 0), h-1)*w+min(max(x, 0), w-1)] }
		blurred := func(x, y int) (sum float64) { // twice over 3×3 pixels, of which those beyond the edge are those at it
			for _, d := range [9][2]int{{-1, -1}, {0, -1}, {1, -1}, {-1, 0}, {0, 0}, {1, 0}, {-1, 1}, {0, 1}, {1, 1}} {
				x, y := min(max(x+d[0], 0), w-1), min(max(y+d[1], 0), h-1)
				for dy := -1; dy <= 1; dy++ {
					for dx := -1; dx <= 1; dx++ {
						sum += at(x+dx, y+dy) / 81
					}
				}
			}
			return sum
		}
		side := max(1, window>>level)
		ww, wh := min(side, w), min(side, h)
		for k := range out {
			x0, y0 := begin(k%cols, cols, w-ww), begin(k/cols, rows, h-wh)
			var sums [filters]float64
			for y := y0; y < y0+wh; y++ {
				for x := x0; x < x0+ww; x++ {
					sums[0] += math.Abs(at(x, y) - blurred(x, y))
					sums[1] += math.Abs(at(x, y) - at(x+1, y))
					sums[2] += math.Abs(at(x, y) - at(x, y+1))
				}
			}
			for f, sum := range sums {
				out[k][level*filters+f] = math.Sqrt(sum / float64(ww*wh))
			}
		}
		nw, nh := max(1, w/2), max(1, h/2)
		half := make([]float64, nw*nh)
		for y := range nh {
			for x := range nw {
				half[y*nw+x] = (at(2*x, 2*y) + at(2*x+1, 2*y) + at(2*x, 2*y+1) + at(2*x+1, 2*y+1)) / 4
			}
		}
		v, w, h = half, nw, nh
	}
	return out
}

func TestOf(t *testing.T) {
	for _, c := range [][3]int{{1, 1, 1}, {1, 9, 4}, {37, 23, 8}, {64, 64, 16}, {20, 70, 33}, {5, 5, 99}} {
		img := random(c[0], c[1], 1)
		got, want := Of(img, c[2]), slow(img, c[2])
		if got.Rows*got.Cols != len(want) || len(got.Value) != len(want)*Values {
			t.Fatalf("%v: %d×%d windows and %d values, want %d windows", c, got.Rows, got.Cols, len(got.Value), len(want))
		}
		for k, energies := range want {
			for i, e := range energies {
				// A filter's value is wrong by some roundings of values up to 765, some 1e-4,
				// and so is its mean e². The root of what is 0 is wrong by 1e-2 then.
				if d := float64(got.Value[k*Values+i]); math.Abs(d*d-e*e) > 3e-4 {
					t.Errorf("%v, window %d, energy %d: %v, want %v", c, k, i, d, e)
				}
			}
		}
	}
}

// TestWindows: the first begins and the last ends with the image, and neighbours overlap by half.
func TestWindows(t *testing.T) {
	for side := 1; side < 90; side++ {
		for window := 1; window < 40; window++ {
			n, last := windows(side, window), max(0, side-window)
			if begin(0, n, last) != 0 || n > 1 && begin(n-1, n, last) != last || n == 1 && last > 0 {
				t.Fatalf("side %d, window %d: %d windows from %d to %d of %d", side, window, n, begin(0, n, last), begin(n-1, n, last), last)
			}
			for i := 1; i < n; i++ {
				if d := begin(i, n, last) - begin(i-1, n, last); d < 0 || d > max(1, (window+1)/2) {
					t.Fatalf("side %d, window %d: window %d begins %d after the one before", side, window, i, d)
				}
			}
		}
	}
}

// TestBlind: energies see no brightness, and nothing in an image of one colour.
func TestBlind(t *testing.T) {
	grey := imageio.NewImage(40, 30)
	for i := range grey.Pix {
		grey.Pix[i] = 77
	}
	for i, v := range Of(grey, 8).Value {
		if v != 0 {
			t.Fatalf("energy %d of one colour is %v", i, v)
		}
	}
	dark, bright := random(40, 30, 2), imageio.NewImage(40, 30)
	for i := range dark.Pix {
		dark.Pix[i] /= 2
		bright.Pix[i] = dark.Pix[i] + 100
	}
	a, b := Of(dark, 8), Of(bright, 8)
	for i, v := range a.Value {
		if math.Abs(float64(v*v-b.Value[i]*b.Value[i])) > 3e-4 {
			t.Errorf("energy %d: %v, %v where all is brighter", i, v, b.Value[i])
		}
	}
}

// TestSameBits: energies are the same on every architecture.
func TestSameBits(t *testing.T) {
	const want = 0x2e13406753c05a5a
	h := fnv.New64a()
	for i := range uint64(20) {
		fmt.Fprintln(h, Of(random(30+int(i), 90-int(i), i), 12).Value)
	}
	if got := h.Sum64(); got != want {
		t.Errorf("digest %#x, want %#x", got, uint64(want))
	}
}
