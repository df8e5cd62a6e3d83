package energy

import (
	"fmt"
	"hash/fnv"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

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
				// The sums are exact, and their mean's root is rounded to float32. Those of slow
				// are wrong by some 1e-15 of values up to 765.
				if d := float64(got.Value[k*Values+i]); math.Abs(d*d-e*e) > 1e-11+e*e*0x1p-22 {
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
		if v != b.Value[i] {
			t.Errorf("energy %d: %v, %v where all is brighter", i, v, b.Value[i])
		}
	}
}

// TestSameBits: energies are the same on every architecture.
func TestSameBits(t *testing.T) {
	const want = 0xbbb46d73b149e7b2
	h := fnv.New64a()
	for i := range uint64(20) {
		fmt.Fprintln(h, Of(random(30+int(i), 90-int(i), i), 12).Value)
	}
	if got := h.Sum64(); got != want {
		t.Errorf("digest %#x, want %#x", got, uint64(want))
	}
}

// Distances are Mahalanobis's, with the mean and the covariance of the windows added, computed in
// another way; windows taken away again, and those outside, count nothing.
func TestDistances(t *testing.T) {
	var all, other Moments
	var rows []float32
	for i := range uint64(9) {
		m := Of(random(64, 48, i), 16)
		inside := make([]bool, m.Rows*m.Cols)
		for k := range inside {
			if inside[k] = (uint64(k)+i)%3 > 0; inside[k] {
				rows = append(rows, m.Value[k*Values:][:Values]...)
			}
		}
		all.Add(m, inside)
	}
	apart := Of(random(90, 90, 77), 16)
	all.Add(apart, nil)
	other.Add(apart, nil)
	normal, err := all.Without(other).Normal()
	if err != nil {
		t.Fatal(err)
	}
	mean := make([]float64, Values)
	n := len(rows) / Values
	for i, v := range rows {
		mean[i%Values] += float64(v) / float64(n)
	}
	cov, trace := mat.NewSymDense(Values, nil), 0.0
	for i := range Values {
		for j := range i + 1 {
			var sum float64
			for k := range n {
				sum += (float64(rows[k*Values+i]) - mean[i]) * (float64(rows[k*Values+j]) - mean[j])
			}
			cov.SetSym(i, j, sum/float64(n))
		}
		trace += cov.At(i, i)
	}
	for i := range Values {
		cov.SetSym(i, i, cov.At(i, i)+ridge*trace/Values+least)
	}
	var chol mat.Cholesky
	if !chol.Factorize(cov) {
		t.Fatal("the covariance is not positive definite")
	}
	of := Of(random(70, 50, 99), 16)
	for k, d := range normal.Distances(of) {
		off := mat.NewVecDense(Values, nil)
		for i := range Values {
			off.SetVec(i, float64(of.Value[k*Values+i])-mean[i])
		}
		var x mat.VecDense
		if err := chol.SolveVecTo(&x, off); err != nil {
			t.Fatal(err)
		}
		// L⁻¹ is rounded to float32, by 2^-24 of each product of a sum.
		if want := math.Sqrt(mat.Dot(&x, off) / Values); math.Abs(float64(d)-want) > 1e-4*max(1, want) {
			t.Errorf("window %d: %v, want %v", k, d, want)
		}
	}
	if _, err := new(Moments).Normal(); err == nil {
		t.Error("no window has a distribution")
	}
}

func BenchmarkOf(b *testing.B) {
	img := random(1024, 1024, 1)
	b.SetBytes(int64(img.W * img.H))
	for b.Loop() {
		Of(img, 128)
	}
}
