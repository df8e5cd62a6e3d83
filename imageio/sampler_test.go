package imageio

import (
	"bytes"
	"hash/fnv"
	"image"
	"math"
	"testing"

	"anomem/nn/rng"
)

// weightsOf is what pixel i of size takes of each of n <= size source pixels: linear
// interpolation between the nearest centres.
func weightsOf(i, n, size int) []float64 {
	w := make([]float64, n)
	at := min(max((float64(i)+0.5)*float64(n)/float64(size)-0.5, 0), float64(n-1))
	lo := int(at)
	w[lo] += 1 - (at - float64(lo))
	w[min(lo+1, n-1)] += at - float64(lo)
	return w
}

// TestSample holds the interpolation of rectangles against sums over all their pixels.
//
// A weight is off by at most 2⁻¹⁶, and so a row of two source pixels by 255·2·2⁻¹⁶, a column
// again; a row is rounded to 1/256 and the pixel to 1.
func TestSample(t *testing.T) {
	r := rng.New(1)
	var s Sampler
	for _, size := range []int{1, 2, 5, 8} {
		for _, n := range [][2]int{{1, 1}, {1, size}, {size, size}, {(size + 1) / 2, (size + 3) / 4}} {
			w, h := n[0], n[1]
			img := noise(w+3, h+2)
			from := image.Rect(0, 0, w, h).Add(image.Pt(r.IntN(4), r.IntN(3)))
			for _, mirror := range []bool{false, true} {
				dst := make([]byte, 3*size*size)
				s.Sample(dst, img, from, size, mirror)
				const bound = 0.5 + 0.5/256 + 255*4*0x1p-16
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

// TestSampleShrinks: a rectangle that shrinks along an axis has the bits of Resize.
func TestSampleShrinks(t *testing.T) {
	r := rng.New(2)
	var s Sampler
	for _, size := range []int{1, 2, 5, 8} {
		for _, n := range [][2]int{{size + 1, size}, {size, size + 1}, {1, 3 * size}, {2*size + 1, 2 * size}, {17, 40}, {4 * size, 50}} {
			w, h := n[0], n[1]
			img := noise(w+3, h+2)
			from := image.Rect(0, 0, w, h).Add(image.Pt(r.IntN(4), r.IntN(3)))
			want := img.Crop(from.Min.X, from.Min.Y, w, h).Resize(size, size)
			dst := make([]byte, 3*size*size)
			s.Sample(dst, img, from, size, false)
			if string(dst) != string(want.Pix) {
				t.Fatalf("%d×%d to %d: not the bits of Resize", w, h, size)
			}
			s.Sample(dst, img, from, size, true)
			for i := range want.Pix {
				if at := i / 3; dst[3*(at/size*size+size-1-at%size)+i%3] != want.Pix[i] {
					t.Fatalf("%d×%d to %d, mirrored: not the mirror image", w, h, size)
				}
			}
		}
	}
}

// TestSampleKeepsNoise: training and scoring leave as much of an image's noise, whatever it
// shrinks by. A filter of half the width leaves one and a half times as much.
func TestSampleKeepsNoise(t *testing.T) {
	const size = 40
	strength := func(pix []byte) float64 {
		var sum, square float64
		for _, v := range pix {
			sum, square = sum+float64(v), square+float64(v)*float64(v)
		}
		n := float64(len(pix))
		return math.Sqrt(square/n - sum/n*sum/n)
	}
	var s Sampler
	dst := make([]byte, 3*size*size)
	for _, factor := range []float64{1, 1.1, 1.5, 2, 2.5, 3, 4, 8} {
		img := noise(int(factor*size), int(factor*size))
		s.Sample(dst, img, image.Rect(0, 0, img.W, img.H), size, false)
		training, scoring := strength(dst), strength(img.Resize(size, size).Pix)
		if ratio := training / scoring; ratio < 0.95 || ratio > 1.05 {
			t.Errorf("by %g: noise of %.2f levels in training, %.2f in scoring", factor, training, scoring)
		}
	}
}

// TestSampleExact: at its own size a picture stays, and one colour stays at every size.
func TestSampleExact(t *testing.T) {
	var s Sampler
	img := noise(13, 13)
	dst := make([]byte, len(img.Pix))
	s.Sample(dst, img, image.Rect(0, 0, 13, 13), 13, false)
	if string(dst) != string(img.Pix) {
		t.Error("a picture changes at its own size")
	}
	for _, v := range []byte{0, 1, 127, 254, 255} {
		for _, n := range []int{1, 2, 7, 13, 27, 100, 1000} {
			flat := NewImage(n, 3)
			for i := range flat.Pix {
				flat.Pix[i] = v
			}
			s.Sample(dst, flat, image.Rect(0, 0, n, 3), 13, false)
			for _, got := range dst {
				if got != v {
					t.Fatalf("%d pixels of %d became %d", n, v, got)
				}
			}
		}
	}
}

// TestSampleHasNoAliases: stripes one pixel wide become nearly grey in a view a third as wide,
// and no stripes of another width.
func TestSampleHasNoAliases(t *testing.T) {
	img := NewImage(96, 96)
	for y := range 96 {
		for x := 0; x < 96; x += 2 {
			for c := range 3 {
				img.Pix[3*(96*y+x)+c] = 240
			}
		}
	}
	var s Sampler
	dst := make([]byte, 3*32*32)
	s.Sample(dst, img, image.Rect(0, 0, 96, 96), 32, false)
	for i, v := range dst {
		x := i / 3 % 32
		if x > 0 && x < 31 && v != 107 && v != 133 { // 4/9 and 5/9, of weights 1, 2, 3, 2, 1
			t.Fatalf("value %d is %d", i, v)
		}
	}
	dst = dst[:3*24*24]
	s.Sample(dst, img, image.Rect(0, 0, 96, 96), 24, false)
	for i, v := range dst {
		x := i / 3 % 24
		if x > 0 && x < 23 && v != 120 {
			t.Fatalf("value %d is %d", i, v)
		}
	}
}

// TestSampleBits pins the bits that training depends on.
func TestSampleBits(t *testing.T) {
	h := fnv.New64a()
	var s Sampler
	for i, size := range []int{1, 7, 20, 32} {
		img := pattern(90+i, 70)
		for _, from := range []image.Rectangle{image.Rect(0, 0, 90, 70), image.Rect(3, 5, 3+size, 5+size), image.Rect(10, 0, 74, 33)} {
			dst := make([]byte, 3*size*size)
			s.Sample(dst, img, from, size, i%2 == 1)
			h.Write(dst)
		}
	}
	if got := h.Sum64(); got != 0xfa1c3353fc669a71 {
		t.Errorf("digest %#x", got)
	}
}

// TestSampleAllocatesNothing: a warm Sampler has all memory that it takes.
func TestSampleAllocatesNothing(t *testing.T) {
	var s Sampler
	img, dst := noise(100, 80), make([]byte, 3*16*16)
	run := func() {
		for n := 1; n <= 80; n += 13 {
			s.Sample(dst, img, image.Rect(0, 0, n, 80-n/2), 16, true)
		}
	}
	run()
	if n := testing.AllocsPerRun(3, run); n != 0 {
		t.Errorf("%g allocations", n)
	}
}

func TestSamplePanics(t *testing.T) {
	img, dst := noise(4, 3), make([]byte, 3*4*4)
	whole := image.Rect(0, 0, 4, 3)
	var s Sampler
	for want, f := range map[string]func(){
		"imageio: Sample: 4×4 pixels in 47 bytes":                 func() { s.Sample(dst[1:], img, whole, 4, false) },
		"imageio: Sample: 0×0 pixels in 0 bytes":                  func() { s.Sample(nil, img, whole, 0, false) },
		"imageio: Sample: (0,0)-(0,3) is not in an image of 4×3":  func() { s.Sample(dst, img, image.Rect(0, 0, 0, 3), 4, false) },
		"imageio: Sample: (1,0)-(5,3) is not in an image of 4×3":  func() { s.Sample(dst, img, whole.Add(image.Pt(1, 0)), 4, false) },
		"imageio: Sample: (0,-1)-(4,2) is not in an image of 4×3": func() { s.Sample(dst, img, whole.Add(image.Pt(0, -1)), 4, false) },
		"imageio: Sample: (0,0)-(4,3) is not in an image of 0×0":  func() { s.Sample(dst, new(Image), whole, 4, false) },
	} {
		wantPanic(t, want, f)
	}
}

// Width and height are taken each by itself: rows of a strip are those of a square of its
// width, and an image at its own size is copied.
func TestSampleToStrips(t *testing.T) {
	var s Sampler
	img := NewImage(37, 11)
	for i := range img.Pix {
		img.Pix[i] = byte(i / 3 % 37 * 6) // all rows are equal
	}
	whole := image.Rect(0, 0, 37, 11)
	square := make([]byte, 3*16*16)
	s.Sample(square, img, whole, 16, true)
	for _, h := range []int{1, 5, 40} {
		strip := make([]byte, 3*16*h)
		s.SampleTo(strip, img, whole, 16, h, true)
		for y := range h {
			if !bytes.Equal(strip[3*16*y:][:3*16], square[:3*16]) {
				t.Errorf("height %d: row %d is %v, want %v", h, y, strip[3*16*y:][:3*16], square[:3*16])
			}
		}
	}
	same := make([]byte, 3*37*11)
	if s.SampleTo(same, img, whole, 37, 11, false); !bytes.Equal(same, img.Pix) {
		t.Error("an image at its own size is another")
	}
}
