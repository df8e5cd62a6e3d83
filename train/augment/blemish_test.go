package augment

import (
	"bytes"
	"hash/fnv"
	"image"
	"testing"

	"anomem/imageio"
	"anomem/nn/rng"
)

// TestBlemish: a blemish changes nothing outside its rim, marks what it changed most, can
// be seen, and has no hue on an image that has none.
func TestBlemish(t *testing.T) {
	for _, size := range [][2]int{{32, 32}, {90, 40}, {1, 1}, {3, 50}} {
		colour := picture(size[0], size[1], 1)
		grey := picture(size[0], size[1], 2)
		toGrey(grey.Pix)
		seen, marked := 0, 0
		const n = 200
		for i := range n {
			img := colour
			if i%2 == 1 {
				img = grey
			}
			var s Shifted
			r := rng.New(uint64(i))
			Blemish.Into(&s, img, &r)
			again, mask := Blemish.Apply(img, ptr(rng.New(uint64(i))))
			if !bytes.Equal(s.Image.Pix, again.Pix) {
				t.Fatalf("%v, stream %d: another picture the second time", size, i)
			}
			if img == grey && !isGrey(again) {
				t.Fatalf("%v, stream %d: a grey image has a hue", size, i)
			}
			var around image.Rectangle
			changed, of := 0, 0
			for k, m := range mask.Pix {
				x, y := k%img.W, k/img.W
				same := at(again, x, y) == at(img, x, y)
				if m {
					around = around.Union(image.Rect(x, y, x+1, y+1))
					of++
				}
				if !same {
					changed++
					if !image.Pt(x, y).In(s.scratch.blemish.box) {
						t.Fatalf("%v, stream %d: pixel (%d,%d) has changed outside %v", size, i, x, y, s.scratch.blemish.box)
					}
				}
			}
			if around != s.Region {
				t.Fatalf("%v, stream %d: region %v around %v", size, i, s.Region, around)
			}
			if changed > 0 {
				seen++
			}
			if of > 0 {
				marked++
			}
			if of == img.W*img.H && of > 100 {
				t.Errorf("%v, stream %d: all is marked", size, i)
			}
		}
		if size[0] > 8 && (seen < n || marked < n*95/100) {
			t.Errorf("%v: %d of %d changed, %d marked", size, seen, n, marked)
		}
	}
}

func ptr(r rng.Stream) *rng.Stream { return &r }

// TestBlemishesCover: sizes are those asked for, in either direction, and no place of the
// image is spared.
func TestBlemishesCover(t *testing.T) {
	const side, n = 64, 4000
	img := picture(side, side, 3)
	var count [side * side]int
	small, large := 0, 0
	for i := range n {
		_, mask := Blemish.Apply(img, ptr(rng.New(9, uint64(i))))
		area := 0
		for k, m := range mask.Pix {
			if m {
				count[k]++
				area++
			}
		}
		if area < side*side/100 {
			small++
		}
		if area > side*side/10 {
			large++
		}
	}
	for k, c := range count {
		if c == 0 {
			t.Errorf("no blemish at (%d,%d)", k%side, k/side)
		}
	}
	if small < n/5 || large < n/50 || large > n/4 {
		t.Errorf("of %d blemishes %d are small and %d large", n, small, large)
	}
}

// TestCover: the cells of a view that are covered are those that show what is marked,
// whatever the view does to the image.
func TestCover(t *testing.T) {
	const size, cells = 48, 4
	o := Options{CropArea: [2]float64{0.6, 1}, CropRatio: [2]float64{0.8, 1.25}, Flip: 0.5, Turn: 0.75}
	norm := imageio.Norm{Std: [3]float32{1, 1, 1}}
	b := &Batch{Options: o, Size: size, Norm: norm}
	dst := make([]float32, 3*size*size)
	got := make([]float32, cells*cells)
	inside := 0
	for i := range 300 {
		r := rng.New(uint64(i))
		img := imageio.NewImage(60, 60)
		mask := imageio.NewMask(60, 60)
		x0, y0 := r.IntN(50), r.IntN(50)
		for y := y0; y < y0+10; y++ {
			for x := x0; x < x0+10; x++ {
				k := y*60 + x
				mask.Pix[k] = true
				img.Pix[3*k], img.Pix[3*k+1], img.Pix[3*k+2] = 255, 255, 255
			}
		}
		b.Views(nil, dst, []Row{{Image: img, Mask: mask, View: r, Cover: got}})
		for c, share := range got {
			var bright float32
			for y := range size / cells {
				for x := range size / cells {
					bright += dst[3*((c/cells*size/cells+y)*size+c%cells*size/cells+x)]
				}
			}
			bright /= size / cells * size / cells
			// A cell's edge may lie within a pixel, which then counts in both cells: at
			// most one row and one column of at least 8.
			if d := share - bright; d > 0.26 || d < -0.26 {
				t.Fatalf("stream %d: cell %d is covered by %.2f, and %.2f of it is bright", i, c, share, bright)
			}
			if share > 0.3 {
				inside++
			}
		}
	}
	if inside < 200 {
		t.Errorf("only %d cells were covered", inside)
	}
	// A shift marks what it changes, beside what was marked.
	img := picture(32, 32, 4)
	mask := imageio.NewMask(32, 32)
	mask.Pix[0] = true
	b.Plain(nil, dst, []Row{{Image: img, Mask: mask, Shift: CutPaste, Shifting: rng.New(5), Cover: got}})
	sum, want := float32(0), float32(0)
	for _, c := range got {
		sum += c * 64
	}
	_, changed := CutPaste.Apply(img, ptr(rng.New(5)))
	changed.Pix[0] = true
	for _, m := range changed.Pix {
		if m {
			want++
		}
	}
	if sum != want {
		t.Errorf("%g pixels are covered, %g were marked or changed", sum, want)
	}
}

// TestSameBitsOfBlemishes: they are the same on every architecture, and change only on
// purpose.
func TestSameBitsOfBlemishes(t *testing.T) {
	const want = 0x3764801a3f5fd308
	h := fnv.New64a()
	for i := range uint64(300) {
		out, mask := Blemish.Apply(picture(20+int(i%50), 60-int(i%35), i), ptr(rng.New(3, i)))
		h.Write(out.Pix)
		for _, m := range mask.Pix {
			if m {
				h.Write([]byte{1})
			} else {
				h.Write([]byte{0})
			}
		}
	}
	if got := h.Sum64(); got != want {
		t.Errorf("digest %#x, want %#x", got, uint64(want))
	}
}
