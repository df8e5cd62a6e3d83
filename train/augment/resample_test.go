package augment

import (
	"image"
	"math"
	"testing"

	"anomem/imageio"
	"anomem/nn/rng"
)

// weightsOf is what pixel i of size takes of each of n source pixels: linear
// interpolation between the nearest centres up to two a pixel, else the lengths that it
// covers.
func weightsOf(i, n, size int) []float64 {
	w := make([]float64, n)
	scale := float64(n) / float64(size)
	if n <= 2*size {
		at := min(max((float64(i)+0.5)*scale-0.5, 0), float64(n-1))
		lo := int(at)
		w[lo] += 1 - (at - float64(lo))
		w[min(lo+1, n-1)] += at - float64(lo)
		return w
	}
	for p := range w {
		from, to := max(float64(p), float64(i)*scale), min(float64(p+1), float64(i+1)*scale)
		w[p] = max(0, to-from) / scale
	}
	return w
}

// TestSample holds the resampling of rectangles against sums over all their pixels.
//
// A weight is off by at most 2⁻¹⁶ (a floor; or two rounded places), and so of up to k
// source pixels a row is by 255·k·2⁻¹⁶, a column again; a row is rounded to 1/256 and
// the pixel to 1.
func TestSample(t *testing.T) {
	r := rng.New(1)
	var s sampler
	for _, size := range []int{1, 2, 5, 8} {
		for _, n := range [][2]int{{1, 1}, {1, 7}, {size, size}, {3, 5}, {2 * size, 2 * size}, {2*size + 1, 2 * size}, {17, 40}, {4 * size, 50}} {
			w, h := n[0], n[1]
			img := picture(w+3, h+2, 9)
			from := image.Rect(0, 0, w, h).Add(image.Pt(r.IntN(4), r.IntN(3)))
			for _, mirror := range []bool{false, true} {
				dst := make([]byte, 3*size*size)
				s.sample(dst, img, from, size, mirror)
				taps := float64(max(2, w/size+2) + max(2, h/size+2))
				bound := 0.5 + 0.5/256 + 255*taps*0x1p-16
				for y := range size {
					for x := range size {
						at := x
						if mirror {
							at = size - 1 - x
						}
						across, down := weightsOf(at, w, size), weightsOf(y, h, size)
						for c := range 3 {
							want := 0.0
							for j, u := range down {
								for i, v := range across {
									want += u * v * float64(img.Pix[3*((from.Min.Y+j)*img.W+from.Min.X+i)+c])
								}
							}
							if got := float64(dst[3*(y*size+x)+c]); math.Abs(got-want) > bound {
								t.Fatalf("%d×%d to %d, mirror %t, pixel (%d,%d), channel %d: %g, want %g ± %g",
									w, h, size, mirror, x, y, c, got, want, bound)
							}
						}
					}
				}
			}
		}
	}
}

// TestSampleExact: at its own size a picture stays, one colour stays at every size, and
// at the border of two pixels a pixel interpolation and average agree.
func TestSampleExact(t *testing.T) {
	var s sampler
	img := picture(13, 13, 2)
	dst := make([]byte, len(img.Pix))
	s.sample(dst, img, image.Rect(0, 0, 13, 13), 13, false)
	if string(dst) != string(img.Pix) {
		t.Error("a picture changes at its own size")
	}
	for _, v := range []byte{0, 1, 127, 254, 255} {
		for _, n := range []int{1, 2, 7, 13, 27, 100, 1000} {
			flat := imageio.NewImage(n, 3)
			for i := range flat.Pix {
				flat.Pix[i] = v
			}
			s.sample(dst, flat, image.Rect(0, 0, n, 3), 13, false)
			for _, got := range dst {
				if got != v {
					t.Fatalf("%d pixels of %d became %d", n, v, got)
				}
			}
		}
	}
	var two, mean axis
	two.set(26, 13)
	mean.setAverages(26, 13)
	for i := range 13 {
		if two.lo[i] != mean.lo[i] || two.weight[i] != half || mean.weight[2*i] != half || mean.from[i+1] != int32(2*i+2) {
			t.Fatalf("pixel %d: interpolation and average differ", i)
		}
	}
}

// TestNoAliases: stripes one pixel wide become grey in a view a third as wide, and no
// stripes of another width.
func TestNoAliases(t *testing.T) {
	img := imageio.NewImage(96, 96)
	for y := range 96 {
		for x := 0; x < 96; x += 2 {
			for c := range 3 {
				img.Pix[3*(96*y+x)+c] = 240
			}
		}
	}
	var s sampler
	dst := make([]byte, 3*32*32)
	s.sample(dst, img, image.Rect(0, 0, 96, 96), 32, false)
	for i, v := range dst {
		if v != 80 && v != 160 { // one or two of three pixels: all that a box can do
			t.Fatalf("value %d is %d", i, v)
		}
	}
	s.sample(dst, img, image.Rect(0, 0, 96, 96), 24, false)
	for i, v := range dst[:3*24*24] {
		if v != 120 {
			t.Fatalf("value %d is %d", i, v)
		}
	}
}
