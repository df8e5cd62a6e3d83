package augment

import (
	"bytes"
	"image"
	"math"
	"slices"
	"testing"

	"anomem/imageio"
	"anomem/nn/rng"
)

// at returns the pixel at (x, y).
func at(img *imageio.Image, x, y int) [3]byte { return [3]byte(img.Pix[3*(y*img.W+x):]) }

// TestTurn: every pixel of a turned picture is where it should be, and four quarter
// turns are none.
func TestTurn(t *testing.T) {
	for _, shape := range [][2]int{{1, 1}, {5, 3}, {3, 7}, {8, 8}} {
		img := picture(shape[0], shape[1], 1)
		w, h := img.W, img.H
		for quarters := -1; quarters <= 5; quarters++ {
			got := img.Rotate90(quarters)
			for y := range h {
				for x := range w {
					// One quarter anticlockwise takes (x, y) to (y, w-1-x).
					px, py, pw, ph := x, y, w, h
					for range quarters & 3 {
						px, py, pw, ph = py, pw-1-px, ph, pw
					}
					if got.W != pw || got.H != ph {
						t.Fatalf("%v by %d quarters is %d×%d", shape, quarters, got.W, got.H)
					}
					if at(got, px, py) != at(img, x, y) {
						t.Fatalf("%v by %d quarters: pixel (%d,%d) is not at (%d,%d)", shape, quarters, x, y, px, py)
					}
				}
			}
		}
		back := img
		for range 4 {
			back = back.Rotate90(1)
		}
		if !slices.Equal(back.Pix, img.Pix) {
			t.Errorf("%v: four quarters are not a whole turn", shape)
		}
	}
}

// TestRotate: a rotation is one of three exact turns, each as likely as the others, and
// all of it is an anomaly.
func TestRotate(t *testing.T) {
	img := picture(5, 4, 1)
	turns := [4]*imageio.Image{}
	for q := range turns {
		turns[q] = img.Rotate90(q)
	}
	r := rng.New(1)
	var count [4]float64
	const n = 6000
	for range n {
		got, mask := Rotate.Apply(img, &r)
		q := slices.IndexFunc(turns[:], func(want *imageio.Image) bool { return want.W == got.W && slices.Equal(got.Pix, want.Pix) })
		if q < 1 {
			t.Fatal("no quarter turn")
		}
		count[q]++
		if len(mask.Pix) != 20 || slices.Contains(mask.Pix, false) {
			t.Fatalf("mask %v", mask)
		}
	}
	for q := 1; q < 4; q++ {
		if math.Abs(count[q]-n/3) > 4*math.Sqrt(n*2./9) {
			t.Errorf("turns: %v of %d", count, n)
		}
	}
	got, mask := None.Apply(img, &r)
	if !slices.Equal(got.Pix, img.Pix) || &got.Pix[0] == &img.Pix[0] || mask.Any() {
		t.Error("None is no unchanged copy")
	}
}

// TestCutPaste: nothing changes outside the mask, the region is around the mask, and
// patches and scars have the sizes that they should.
func TestCutPaste(t *testing.T) {
	var s Shifted
	for _, shape := range [][2]int{{256, 256}, {32, 32}, {300, 60}, {4, 9}, {1, 1}, {2, 3}, {1, 40}} {
		img := picture(shape[0], shape[1], 3)
		before := slices.Clone(img.Pix)
		patches, changed := 0, 0
		const n = 400
		for seed := range uint64(n) {
			r := rng.New(seed)
			CutPaste.Into(&s, img, &r)
			if s.Image.W != img.W || s.Image.H != img.H || len(s.Mask.Pix) != img.W*img.H {
				t.Fatalf("%v: a copy of %d×%d pixels with a mask of %d", shape, s.Image.W, s.Image.H, len(s.Mask.Pix))
			}
			var around image.Rectangle
			pasted, other := 0, false
			for i, m := range s.Mask.Pix {
				x, y := i%img.W, i/img.W
				if m {
					pasted++
					around = around.Union(image.Rect(x, y, x+1, y+1))
				}
				if at(&s.Image, x, y) != at(img, x, y) {
					other = true
					if !m {
						t.Fatalf("%v, seed %d: pixel (%d,%d) changed outside the mask", shape, seed, x, y)
					}
				}
			}
			if other {
				changed++
			}
			if pasted == 0 || around != s.Region {
				t.Fatalf("%v, seed %d: %d pixels of the mask around %v, region %v", shape, seed, pasted, around, s.Region)
			}
			if shape[0] != shape[1] || shape[0] < 32 {
				continue
			}
			side := float64(shape[0])
			if w, h := float64(around.Dx()), float64(around.Dy()); pasted == areaOf(around) && w*h > 0.015*side*side {
				patches++
				// Sides are rounded, by half a pixel.
				if (w+0.5)*(h+0.5) < 0.02*side*side || (w-0.5)*(h-0.5) > 0.15*side*side {
					t.Errorf("%v, seed %d: a patch of %g×%g", shape, seed, w, h)
				}
				if (w+0.5)/(h-0.5) < 0.3 || (w-0.5)/(h+0.5) > 3.3 {
					t.Errorf("%v, seed %d: a patch of %g×%g", shape, seed, w, h)
				}
				continue
			}
			// A strip of w×l has about w·l pixels: those whose centres lie in it, of which a
			// band of half a diagonal along its edges may hold too many or too few.
			least, most := [2]float64{2, 10}, [2]float64{16, 25}
			if side == 32 {
				least, most = [2]float64{1, 4}, [2]float64{2, 4}
			}
			edge := math.Sqrt2
			if p := float64(pasted); p < max(0, least[0]-edge)*(least[1]-edge) || p > (most[0]+edge)*(most[1]+edge) {
				t.Errorf("%v, seed %d: a scar of %d pixels", shape, seed, pasted)
			}
			if d := math.Hypot(float64(around.Dx()-1), float64(around.Dy()-1)); d > most[0]+most[1] {
				t.Errorf("%v, seed %d: a scar across %v", shape, seed, around)
			}
		}
		if !slices.Equal(img.Pix, before) {
			t.Fatalf("%v: the image itself changed", shape)
		}
		if shape[0] == shape[1] && shape[0] >= 32 {
			if math.Abs(float64(patches)-n/2) > 4*math.Sqrt(n/4) {
				t.Errorf("%v: %d patches of %d", shape, patches, n)
			}
			if changed != n {
				t.Errorf("%v: %d of %d copies are not changed", shape, n-changed, n)
			}
		}
	}
}

// TestCut: what is pasted is a rectangle of the image, its colours changed.
func TestCut(t *testing.T) {
	img := picture(40, 30, 1)
	for seed := range uint64(50) {
		r := rng.New(seed)
		again := r
		var s Shifted
		s.cut(img, 7, 5, &r)
		x, y := again.IntN(34), again.IntN(26)
		if s.Region != image.Rect(x, y, x+7, y+5) {
			t.Fatalf("cut from %v, want (%d,%d)", s.Region, x, y)
		}
		var want []byte
		for i := range 5 {
			want = append(want, img.Pix[3*((y+i)*40+x):][:3*7]...)
		}
		j := drawJitter(0.1, 0.1, 0.1, 0.1, &again)
		j.apply(want)
		if !slices.Equal(s.scratch.piece, want) {
			t.Fatalf("seed %d: another piece", seed)
		}
	}
}

// TestPatch: a patch is pasted as it was cut, upright.
func TestPatch(t *testing.T) {
	img := picture(40, 30, 1)
	for seed := range uint64(50) {
		r := rng.New(seed)
		s := Shifted{Image: *img.Rotate90(0), Mask: *imageio.NewMask(img.W, img.H)}
		s.patch(img, &r)
		piece := s.scratch.piece
		for i, m := range s.Mask.Pix {
			p := image.Pt(i%img.W, i/img.W)
			if m != p.In(s.Region) {
				t.Fatalf("seed %d: the mask is not the region", seed)
			}
			if m {
				if got := at(&s.Image, p.X, p.Y); got != [3]byte(piece) {
					t.Fatalf("seed %d: pixel %v of %v is %v, want %v", seed, p, s.Region, got, piece[:3])
				}
				piece = piece[3:]
			}
		}
		if len(piece) != 0 {
			t.Fatalf("seed %d: %d bytes were not pasted", seed, len(piece))
		}
	}
}

// TestElsewhere: each of the other places comes as often, and its own only if it is the
// only one.
func TestElsewhere(t *testing.T) {
	r := rng.New(1)
	img := imageio.NewImage(6, 4)
	from := image.Rect(2, 1, 5, 4)
	count := map[image.Rectangle]float64{}
	const n = 7000
	for range n {
		to := elsewhere(from, img, &r)
		if to.Size() != from.Size() || !to.In(image.Rect(0, 0, 6, 4)) {
			t.Fatalf("%v is outside", to)
		}
		count[to]++
	}
	if len(count) != 7 || count[from] != 0 {
		t.Errorf("places %v", count)
	}
	for to, c := range count {
		if math.Abs(c-n/7) > 4*math.Sqrt(n*6./49) {
			t.Errorf("%v came %g times of %d", to, c, n)
		}
	}
	whole := image.Rect(0, 0, 6, 4)
	if to := elsewhere(whole, img, &r); to != whole {
		t.Errorf("the whole image went to %v", to)
	}
}

// TestScar: a strip of an image of one colour is one colour, and lies in all directions.
func TestScar(t *testing.T) {
	img := imageio.NewImage(256, 256)
	for i := range img.Pix {
		img.Pix[i] = 128 // a grey changes with its brightness alone
	}
	var quadrant [4]int // of the direction, by the signs of the covariances of its pixels
	for seed := range uint64(200) {
		r := rng.New(seed)
		s := Shifted{Image: *img.Rotate90(0), Mask: *imageio.NewMask(img.W, img.H)}
		s.scar(img, &r)
		var n, mx, my, xx, yy, xy float64
		colour := [3]byte(s.scratch.piece)
		for i, m := range s.Mask.Pix {
			x, y := i%img.W, i/img.W
			if got := at(&s.Image, x, y); m && got != colour || !m && got != [3]byte{128, 128, 128} {
				t.Fatalf("seed %d: pixel (%d,%d) is %v", seed, x, y, got)
			}
			if m {
				dx, dy := float64(x-s.Region.Min.X), float64(y-s.Region.Min.Y)
				n, mx, my, xx, yy, xy = n+1, mx+dx, my+dy, xx+dx*dx, yy+dy*dy, xy+dx*dy
			}
		}
		flat, falling := 0, 0
		if xx-mx*mx/n > yy-my*my/n {
			flat = 1
		}
		if xy > mx*my/n {
			falling = 2
		}
		quadrant[flat+falling]++
	}
	for q, c := range quadrant {
		if c < 200/4-4*7 { // 4 standard deviations, of about √(200·3/16)
			t.Errorf("direction %d: %d of 200", q, c)
		}
	}
}

// TestShiftAllocatesNothing: not into memory that is there.
func TestShiftAllocatesNothing(t *testing.T) {
	img := picture(64, 48, 1)
	var s Shifted
	run := func() {
		for seed := range uint64(60) {
			r := rng.New(seed)
			Shift(seed%4).Into(&s, img, &r)
		}
	}
	run()
	if n := testing.AllocsPerRun(3, run); n != 0 {
		t.Errorf("%g allocations in 60 shifts", n)
	}
}

// TestMixed: both changes come, about as often, and each is what the plain one makes.
func TestMixed(t *testing.T) {
	img := picture(24, 24, 5)
	const n = 400
	turned := 0
	for i := range n {
		r := rng.New(uint64(i))
		got, mask := Mixed.Apply(img, &r)
		plain := rng.New(uint64(i))
		s := []Shift{Blemish, Rotate}[plain.IntN(2)]
		want, wantMask := s.Apply(img, &plain)
		if !bytes.Equal(got.Pix, want.Pix) || !slices.Equal(mask.Pix, wantMask.Pix) {
			t.Fatalf("stream %d: not what %v makes", i, s)
		}
		if s == Rotate {
			turned++
		}
	}
	if turned < n/2-60 || turned > n/2+60 { // six standard deviations
		t.Errorf("%d of %d were turned", turned, n)
	}
}
