package synthetic

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"math"
	"slices"
	"testing"

	"anomem/imageio"
	"anomem/nn/rng"
)

var scenes = []Scene{Part, Texture, Plate, Cloth, Screw, Leather}

// TestSameBytes pins the pictures: benchmarks compare results over time and among
// machines. It must hold on every architecture.
func TestSameBytes(t *testing.T) {
	for _, tc := range []struct {
		o    Options
		n    int
		want string
	}{
		{Options{Scene: Part}, 40, "128a2590a83e5e50"},
		{Options{Scene: Part, Size: 64}, 5, "704fe884c9692d3d"},
		{Options{Scene: Texture}, 40, "d68f66db101c49cd"},
		{Options{Scene: Texture, Size: 64}, 5, "b7e0a54fe5474560"},
		{Options{Scene: Plate, Size: 512}, 1, "302b8be2ebd05676"},
		{Options{Scene: Cloth, Size: 512}, 1, "8be8be473b0db069"},
		{Options{Scene: Screw, Size: 512}, 1, "afe6104a2eb40f33"},
		{Options{Scene: Leather, Size: 512}, 1, "08ecf73e291857b0"},
	} {
		h := sha256.New()
		for i := range tc.n {
			h.Write(tc.o.Normal(3, i).Image.Pix)
			for _, k := range tc.o.Kinds() {
				s := tc.o.Anomaly(3, i, k)
				h.Write(s.Image.Pix)
				h.Write(bits(s.Mask.Pix))
			}
		}
		if got := fmt.Sprintf("%x", h.Sum(nil)[:8]); got != tc.want {
			t.Errorf("%+v: digest %s, want %s", tc.o, got, tc.want)
		}
	}
}

// bits returns 1 for each pixel that a mask marks and 0 for the others.
func bits(marked []bool) []byte {
	b := make([]byte, len(marked))
	for i, in := range marked {
		if in {
			b[i] = 1
		}
	}
	return b
}

// TestByName: a picture depends on scene, seed, index and kind, and on no other
// picture.
func TestByName(t *testing.T) {
	seen := map[string]string{}
	for _, scene := range scenes {
		o, n := Options{Scene: scene}, 3
		if o.photograph() {
			o.Size, n = 512, 1
		}
		for seed := range uint64(3) {
			for i := range n {
				pictures := map[string]Sample{"": o.Normal(seed, i)}
				for _, k := range o.Kinds() {
					pictures[string(k)] = o.Anomaly(seed, i, k)
				}
				for kind, s := range pictures {
					name := fmt.Sprintf("%v %d %d %q", scene, seed, i, kind)
					if other, ok := seen[string(s.Image.Pix)]; ok {
						t.Errorf("%s is %s", name, other)
					}
					seen[string(s.Image.Pix)] = name
				}
				if again := o.Normal(seed, i); !bytes.Equal(again.Image.Pix, pictures[""].Image.Pix) {
					t.Errorf("%v %d %d is not the same twice", scene, seed, i)
				}
			}
		}
	}
}

// TestLabels: what a sample says of itself.
func TestLabels(t *testing.T) {
	for _, scene := range scenes {
		sizes := []int{24, 32, 100}
		if (Options{Scene: scene}).photograph() {
			sizes = []int{512}
		}
		for _, size := range sizes {
			o := Options{Scene: scene, Size: size}
			if s := o.Normal(1, 0); !s.Normal || s.Kind != "" || s.What != "" || s.Mask != nil || s.Image.W != size || s.Image.H != size || len(s.Image.Pix) != 3*size*size {
				t.Errorf("%+v: a normal picture is %v %q %q, mask %v, image of %d×%d", o, s.Normal, s.Kind, s.What, s.Mask, s.Image.W, s.Image.H)
			}
			for _, k := range o.Kinds() {
				if s := o.Anomaly(1, 0, k); s.Normal || s.Kind != k || s.What == "" || s.Mask.W != size || s.Mask.H != size || len(s.Mask.Pix) != size*size || s.Image.W != size {
					t.Errorf("%+v: an anomaly of kind %q is %v %q %q, mask of %d", o, k, s.Normal, s.Kind, s.What, len(s.Mask.Pix))
				}
			}
		}
	}
	if s := (Options{}).Normal(1, 0); s.Image.W != 32 {
		t.Errorf("a part is %d pixels wide unless told otherwise", s.Image.W)
	}
	if s := (Options{Scene: Plate}).size(); s != 1024 {
		t.Errorf("a photograph is %d pixels wide unless told otherwise", s)
	}
}

// extent is the number of pixels that a mask marks, and the longer side of the
// rectangle around them.
func extent(mask *imageio.Mask) (area, side int) {
	w := mask.W
	x0, y0, x1, y1 := w, w, -1, -1
	for i, in := range mask.Pix {
		if in {
			area++
			x0, x1, y0, y1 = min(x0, i%w), max(x1, i%w), min(y0, i/w), max(y1, i/w)
		}
	}
	return area, max(x1-x0, y1-y0) + 1
}

// TestMasks: every anomaly has a mask, as large as its kind says.
func TestMasks(t *testing.T) {
	for _, scene := range []Scene{Part, Texture} {
		for _, size := range []int{24, 32, 64} {
			o, all := Options{Scene: scene, Size: size}, size*size
			for _, kind := range o.Kinds() {
				low, high := all/10, all/2 // an object, whatever it is painted with
				switch {
				case kind == Local:
					low, high = all/200, all/5
				case scene == Texture:
					low, high = all, all
				}
				for i := range 150 {
					s := o.Anomaly(5, i, kind)
					if area, _ := extent(s.Mask); area < low || area > high {
						t.Errorf("%+v: %s %d, %s, covers %d pixels, want %d to %d", o, kind, i, s.What, area, low, high)
					}
				}
			}
		}
	}
	for _, scene := range []Scene{Plate, Cloth, Screw} {
		o := Options{Scene: scene, Size: 512}
		for _, kind := range o.Kinds() {
			for i := range 4 {
				if area, side := extent(o.Anomaly(5, i, kind).Mask); area < 8 || side < 6 || side > 28 {
					t.Errorf("%+v: %s %d is %d pixels wide and covers %d: want half of 12 to 56", o, kind, i, side, area)
				}
			}
		}
	}
}

// TestLeatherMasks: as large as Kind says, on half of 1024 pixels.
func TestLeatherMasks(t *testing.T) {
	o := Options{Scene: Leather, Size: 512}
	sides := map[Kind][2]int{Stain: {40, 240}, Patch: {50, 270}, Fold: {100, 380}, Pit: {8, 30}}
	for _, kind := range o.Kinds() {
		for i := range 4 {
			if _, side := extent(o.Anomaly(5, i, kind).Mask); side < sides[kind][0] || side > sides[kind][1] {
				t.Errorf("%s %d is %d pixels wide: want %d to %d", kind, i, side, sides[kind][0], sides[kind][1])
			}
		}
	}
}

// change is the mean over pixels, within a mask and outside, of how far two pictures
// are apart.
func change(a, b []rgb, mask *imageio.Mask) (inside, outside float64) {
	var sum, n [2]float64
	in := bits(mask.Pix)
	for i, p := range a {
		for k, v := range p {
			sum[in[i]] += math.Abs(v - b[i][k])
		}
		n[in[i]]++
	}
	return sum[1] / n[1], sum[0] / n[0]
}

// TestAnomaliesAreWhereTheMaskIs compares each anomaly with the normal picture that
// it was made of, before the camera: the mean colour is the same, and what differs
// lies within the mask.
func TestAnomaliesAreWhereTheMaskIs(t *testing.T) {
	for _, kind := range (Options{}).Kinds() {
		for i := range uint64(100) {
			for _, scene := range []Scene{Part, Texture} {
				r := rng.New(7, rng.Name(string(kind)), i)
				var c *canvas
				var spoil func(*rng.Stream, Kind) string
				if scene == Part {
					p := newPart(&r, 32)
					c, spoil = p.canvas, p.anomaly
				} else {
					w := newTexture(&r, 32)
					c, spoil = w.canvas, w.anomaly
				}
				was, mean := slices.Clone(c.pix), c.mean()
				what := spoil(&r, kind)
				for k, v := range c.mean() {
					if math.Abs(v-mean[k]) > 1e-12 {
						t.Errorf("%v: %s moves the mean of channel %d from %v to %v", scene, what, k, mean[k], v)
					}
				}
				if kind != Local {
					continue
				}
				if inside, outside := change(was, c.pix, c.mask); inside < 4*outside || inside < 0.1 {
					t.Errorf("%v: %s %d changes its pixels by %.3f, the others by %.3f", scene, what, i, inside, outside)
				}
			}
		}
	}
	for _, kind := range (Options{Scene: Plate}).Kinds() {
		for _, draw := range []func(a, b *rng.Stream, size int) photograph{newPlate, newCloth, newScrew} {
			a, b := rng.New(1), rng.New(2)
			p := draw(&a, &b, 512)
			was := slices.Clone(p.canvas.pix)
			p.flaw(&b, kind)
			if inside, outside := change(was, p.canvas.pix, p.canvas.mask); inside < 0.2 || outside > 0.001 {
				t.Errorf("%s changes its pixels by %.3f, the others by %.5f", kind, inside, outside)
			}
		}
	}
}

// Defects of leather are faint, and lie within the mask but for their soft edges.
func TestLeatherIsChangedWhereTheMaskIs(t *testing.T) {
	for _, kind := range (Options{Scene: Leather}).Kinds() {
		a, b := rng.New(1), rng.New(2)
		h := newLeather(&a, &b, 512)
		was := slices.Clone(h.canvas.pix)
		h.flaw(&b, kind)
		if inside, outside := change(was, h.canvas.pix, h.canvas.mask); inside < 0.015 || outside > 0.001 {
			t.Errorf("%s changes its pixels by %.3f, the others by %.5f", kind, inside, outside)
		}
	}
}

// TestVariety: normals differ in colour as widely as colours do, and 200 anomalies of
// a kind show everything that the kind has.
func TestVariety(t *testing.T) {
	for _, tc := range []struct {
		scene Scene
		want  map[Kind]int
	}{
		{Part, map[Kind]int{Object: 7, Style: 5, Local: 7}},
		{Texture, map[Kind]int{Object: 4, Style: 4, Local: 5}},
	} {
		o := Options{Scene: tc.scene}
		var sum, squares rgb
		const n = 200
		for i := range n {
			s := o.Normal(1, i)
			var m rgb
			for j, v := range s.Image.Pix {
				m[j%3] += float64(v) / (255 * 32 * 32)
			}
			for k, v := range m {
				sum[k] += v / n
				squares[k] += v * v / n
			}
		}
		for k := range sum {
			if sd := math.Sqrt(squares[k] - sum[k]*sum[k]); sd < 0.1 {
				t.Errorf("%v: mean colours differ by %.3f in channel %d, want 0.1 at least", tc.scene, sd, k)
			}
		}
		for _, kind := range o.Kinds() {
			seen := map[string]bool{}
			for i := range n {
				seen[o.Anomaly(1, i, kind).What] = true
			}
			if len(seen) != tc.want[kind] {
				t.Errorf("%v, %s: shows %d things, want %d: %v", tc.scene, kind, len(seen), tc.want[kind], seen)
			}
		}
	}
}

func TestWrongUse(t *testing.T) {
	for name, f := range map[string]func(){
		"size":          func() { Options{Size: 23}.Normal(1, 0) },
		"large":         func() { Options{Size: 4097}.Normal(1, 0) },
		"photograph":    func() { Options{Scene: Plate, Size: 511}.Normal(1, 0) },
		"scene":         func() { Options{Scene: 9}.Normal(1, 0) },
		"kind":          func() { Options{}.Anomaly(1, 0, Pit) },
		"kind of photo": func() { Options{Scene: Cloth}.Anomaly(1, 0, Style) },
		"no kind":       func() { Options{}.Anomaly(1, 0, "") },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: does not panic", name)
				}
			}()
			f()
		}()
	}
}

func BenchmarkDraw(b *testing.B) {
	for _, scene := range scenes {
		o := Options{Scene: scene}
		b.Run(fmt.Sprintf("%v-%d", scene, o.size()), func(b *testing.B) {
			kinds := o.Kinds()
			for i := 0; b.Loop(); i++ {
				o.Anomaly(1, i, kinds[i%len(kinds)])
			}
		})
	}
}
