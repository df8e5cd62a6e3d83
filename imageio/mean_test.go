package imageio

import (
	"math"
	"runtime"
	"testing"
)

// Against the integral over each part, pixel by pixel, for shrinking, enlarging and
// both at once.
func TestMeans(t *testing.T) {
	share := func(pixel, n, part, m int) float64 {
		low := max(float64(pixel)/float64(n), float64(part)/float64(m))
		high := min(float64(pixel+1)/float64(n), float64(part+1)/float64(m))
		return max(high-low, 0) * float64(m)
	}
	for _, c := range [][4]int{{7, 5, 3, 2}, {6, 6, 3, 2}, {5, 3, 8, 7}, {9, 2, 4, 4}, {1, 1, 3, 3}, {4, 4, 4, 4}, {13, 11, 1, 1}} {
		img := noise(c[0], c[1])
		got := img.Means(c[2], c[3])
		for i, v := range got {
			x, y, ch := i/3%c[2], i/3/c[2], i%3
			var want float64
			for py := range img.H {
				for px := range img.W {
					want += share(px, img.W, x, c[2]) * share(py, img.H, y, c[3]) * float64(img.Pix[3*(py*img.W+px)+ch])
				}
			}
			if math.Abs(v-want) > 1e-10 {
				t.Errorf("%v: value %d is %v, want %v", c, i, v, want)
			}
		}
	}
}

func TestShrink(t *testing.T) {
	img := noise(10, 4)
	if got := img.Shrink(10); got != img {
		t.Error("an image that fits was touched")
	}
	if got := img.Shrink(5); got.W != 5 || got.H != 2 || int(got.Pix[3]) != (int(img.Pix[6])+int(img.Pix[9])+int(img.Pix[36])+int(img.Pix[39])+2)/4 {
		t.Errorf("%d×%d, %v", got.W, got.H, got.Pix)
	}
	// What it takes beside its result does not grow with that: a row, not the means of all.
	large := noise(60, 4000)
	if size, own := allocated(func() { large.Shrink(2000) }), uint64(3*30*2000); size > own+1<<14 {
		t.Errorf("%d bytes for a picture of %d", size, own)
	}
	if got := noise(1000, 3).Shrink(100); got.W != 100 || got.H != 1 {
		t.Errorf("%d×%d", got.W, got.H)
	}
}

// allocated returns how many bytes of memory f takes.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// Enlarge repeats pixels as Mask.Resize does for whole factors.
func TestEnlarge(t *testing.T) {
	img := noise(5, 3)
	if img.Enlarge(1) != img {
		t.Error("an image was enlarged by 1")
	}
	mask := NewMask(5, 3)
	for i := range mask.Pix {
		mask.Pix[i] = img.Pix[3*i]&1 == 1
	}
	big, bigMask := img.Enlarge(4), mask.Resize(20, 12)
	if big.W != 20 || big.H != 12 {
		t.Fatalf("%d×%d", big.W, big.H)
	}
	for i := range big.W * big.H {
		from := i/20/4*5 + i%20/4
		if [3]byte(big.Pix[3*i:]) != [3]byte(img.Pix[3*from:]) || bigMask.Pix[i] != mask.Pix[from] {
			t.Errorf("pixel %d is not pixel %d of the image", i, from)
		}
	}
}
