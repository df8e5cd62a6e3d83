package train

import (
	"math"
	"slices"
	"testing"

	"anomem/nn/rng"
)

// noisyLook returns a small picture of random values below a level.
func noisyLook(seed uint64, level int) []byte {
	r := rng.New(seed, rng.Name("look"))
	pix := make([]byte, 3*lookPixels)
	for i := range pix {
		pix[i] = byte(r.IntN(level))
	}
	return pix
}

// TestWithoutLamp: polynomials of the second degree leave nothing, and change nothing of what
// a picture leaves that they are added to. What is left is orthogonal to all of them.
func TestWithoutLamp(t *testing.T) {
	const tolerance = 1e-10
	noise, lamp := noisyLook(1, 15), make([]byte, 3*lookPixels)
	for p := range lookPixels {
		x, y := p%lookSide, p/lookSide
		for c, v := range []int{3*x + 4*y, x*x - 31*x + 240, 31*y - y*y} {
			lamp[3*p+c] = byte(v)
		}
	}
	lit := slices.Clone(noise)
	for i, v := range lamp {
		lit[i] += v
	}
	rest := withoutLamp(noise, lookSide)
	for i, v := range withoutLamp(lit, lookSide) {
		if math.Abs(v-rest[i]) > tolerance {
			t.Fatalf("value %d is %g by the lamp and %g without", i, v, rest[i])
		}
	}
	if e := squared(withoutLamp(lamp, lookSide)); e > tolerance {
		t.Errorf("the lamp leaves %g", e)
	}
	if e := squared(rest); e < 15*lookPixels {
		t.Errorf("noise leaves %g", e)
	}
	var dot [3][6]float64
	for p := range lookPixels {
		x, y := float64(p%lookSide), float64(p/lookSide)
		for k, term := range []float64{1, x, y, x * x, x * y, y * y} {
			for c := range 3 {
				dot[c][k] += term * rest[3*p+c]
			}
		}
	}
	for c := range 3 {
		for k, v := range dot[c] {
			if math.Abs(v) > 1e-6 { // of terms up to 961
				t.Errorf("channel %d: the product with term %d is %g", c, k, v)
			}
		}
	}
}

// TestAddMoved: the symmetries of the square are eight, and each move is a permutation.
func TestAddMoved(t *testing.T) {
	picture := withoutLamp(noisyLook(2, 256), lookSide)
	want := slices.Sorted(slices.Values(picture))
	var all [][]float64
	for symmetry := range 8 {
		moved := make([]float64, len(picture))
		addMoved(moved, picture, 3, 30, symmetry)
		if !slices.Equal(slices.Sorted(slices.Values(moved)), want) {
			t.Errorf("symmetry %d is no permutation", symmetry)
		}
		for k, other := range all {
			if slices.Equal(moved, other) {
				t.Errorf("symmetries %d and %d are the same", symmetry, k)
			}
		}
		all = append(all, moved)
	}
	at := func(v []float64, x, y int) float64 { return v[3*(y*lookSide+x)+1] }
	for symmetry, from := range [][2]int{{5, 7}, {26, 7}, {5, 24}, {26, 24}, {7, 5}, {24, 5}, {7, 26}, {24, 26}} {
		// The pixel at (5, 7) moves on to (8, 5).
		if got, want := at(all[symmetry], 8, 5), at(picture, from[0], from[1]); got != want {
			t.Errorf("symmetry %d: the pixel is %g, want %g of %v", symmetry, got, want, from)
		}
	}
}

// TestAlignment: the same pictures are explained whole, those of noise not, and half of the
// variance of pictures that add as much noise to the same.
func TestAlignment(t *testing.T) {
	common := withoutLamp(noisyLook(3, 256), lookSide)
	mixed := func(same, own float64, n int) [][]float64 {
		var all [][]float64
		for i := range n {
			v := withoutLamp(noisyLook(uint64(10+i), 256), lookSide)
			for k := range v {
				v[k] = same*common[k] + own*v[k]
			}
			all = append(all, v)
		}
		return all
	}
	for _, c := range []struct {
		name string
		of   [][]float64
		want float64
	}{
		{"the same", mixed(1, 0, 5), 1},
		{"noise", mixed(0, 1, 20), 0},
		{"half of it", mixed(1, 1, 20), 0.5},
		{"a fifth", mixed(0.5, 1, 20), 0.2},
		{"one", mixed(1, 0, 1), 0},
		{"nothing", mixed(0, 0, 5), 0},
	} {
		aligned, moved := alignment(c.of)
		if math.Abs(aligned-c.want) > 0.01 || moved < 0 || moved > 0.05 {
			t.Errorf("%s: %.3f and %.3f if moved, want %.3f and about 0", c.name, aligned, moved, c.want)
		}
	}
}

// TestUnevenness: it is 0 for a pattern that repeats in each cell and without contrast, and
// the root of 15 where one cell of sixteen has it all.
func TestUnevenness(t *testing.T) {
	repeated, one := make([]byte, 3*lookPixels), make([]byte, 3*lookPixels)
	for p := range lookPixels {
		x, y := p%lookSide, p/lookSide
		repeated[3*p] = byte(10 * ((x + lookCell) % lookCell) * (y % lookCell))
		if x == lookEdge+3 && y == lookEdge+3 {
			one[3*p+1] = 1
		}
	}
	for _, c := range []struct {
		name string
		pix  []byte
		want float64
	}{{"repeated", repeated, 0}, {"one faint spot", one, 15}, {"black", make([]byte, 3*lookPixels), 0}} {
		s := cellsOfLook(c.pix)
		if got := unevenness(&s); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%s: %g, want %g", c.name, got, c.want)
		}
	}
}

// TestTurnedP: pictures that are darker below the middle are upright, unless each is turned
// at random; by three pictures nothing can be told.
func TestTurnedP(t *testing.T) {
	pictures := func(n int, turned func(i int) bool) [][]float64 {
		var all [][]float64
		for i := range n {
			pix := noisyLook(uint64(i), 40)
			for p := range lookPixels {
				if (p >= lookPixels/2) != turned(i) {
					pix[3*p] += 100
				}
			}
			s := cellsOfLook(pix)
			all = append(all, oddPart(lampless(&s)))
		}
		return all
	}
	never := func(int) bool { return false }
	if p := turnedP(pictures(40, never)); p > 0.002 {
		t.Errorf("upright pictures: %g", p)
	}
	if p := turnedP(pictures(40, func(i int) bool { return i%4 < 2 })); p < mostTurned {
		t.Errorf("of which half are turned: %g", p)
	}
	if p := turnedP(pictures(3, never)); p < mostTurned || p > 0.5 {
		t.Errorf("three pictures: %g, want about a quarter", p)
	}
}

// TestLampless: a lamp that gives all places of a picture 0.6 of the light changes features by
// a tenth at most.
func TestLampless(t *testing.T) {
	bright := noisyLook(4, 255)
	dim := slices.Clone(bright)
	for i, v := range dim {
		dim[i] = byte(0.6 * float64(v))
	}
	a, b := cellsOfLook(bright), cellsOfLook(dim)
	f, g := lampless(&a), lampless(&b)
	for i := range f {
		if math.Abs(f[i]-g[i]) > 0.1*f[i] {
			t.Errorf("feature %d is %g in the light and %g in less", i, f[i], g[i])
		}
	}
}
