package eval

import (
	"errors"
	"iter"
	"math"
	"strings"
	"testing"

	"anomem/imageio"
	"anomem/nn/rng"

	"gonum.org/v1/gonum/mat"
)

// noise is a picture of random bytes.
func noise(r *rng.Stream, w, h int) *imageio.Image {
	img := imageio.NewImage(w, h)
	for i := range img.Pix {
		img.Pix[i] = byte(r.Uint32())
	}
	return img
}

// Against the integral over each part, pixel by pixel, for shrinking, enlarging and
// both at once.
func TestThumbnail(t *testing.T) {
	r := rng.New(1)
	share := func(pixel, n, part, m int) float64 {
		low := max(float64(pixel)/float64(n), float64(part)/float64(m))
		high := min(float64(pixel+1)/float64(n), float64(part+1)/float64(m))
		return max(high-low, 0) * float64(m)
	}
	for _, c := range [][4]int{{7, 5, 3, 2}, {6, 6, 3, 2}, {5, 3, 8, 7}, {9, 2, 4, 4}, {1, 1, 3, 3}, {4, 4, 4, 4}, {13, 11, 1, 1}} {
		img := noise(&r, c[0], c[1])
		got := thumbnail(img, c[2], c[3])
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

func TestReduced(t *testing.T) {
	r := rng.New(2)
	img := noise(&r, 10, 4)
	if got := reduced(img, 10); got != img {
		t.Error("a picture that fits was touched")
	}
	if got := reduced(img, 5); got.W != 5 || got.H != 2 || int(got.Pix[3]) != (int(img.Pix[6])+int(img.Pix[9])+int(img.Pix[36])+int(img.Pix[39])+2)/4 {
		t.Errorf("%d×%d, %v", got.W, got.H, got.Pix)
	}
	if got := reduced(noise(&r, 1000, 3), 100); got.W != 100 || got.H != 1 {
		t.Errorf("%d×%d", got.W, got.H)
	}
}

// plain is a picture of one colour.
func plain(w, h int, r, g, b byte) *imageio.Image {
	img := imageio.NewImage(w, h)
	for i := 0; i < len(img.Pix); i += 3 {
		img.Pix[i], img.Pix[i+1], img.Pix[i+2] = r, g, b
	}
	return img
}

func TestGauges(t *testing.T) {
	var c MeanColour
	if err := c.Fit(Each(plain(3, 4, 10, 50, 9), plain(5, 1, 30, 50, 9), plain(2, 2, 20, 50, 9))); err != nil {
		t.Fatal(err)
	}
	// Red: mean 20, variance 200/3. Green and blue do not vary.
	for want, img := range map[float64]*imageio.Image{
		0: plain(1, 1, 20, 50, 9), 40 / math.Sqrt(200./3+1e-4): plain(1, 1, 60, 50, 9), 500: plain(9, 9, 20, 53, 5),
	} {
		if got := c.Score(img); math.Abs(got-want) > 1e-9 {
			t.Errorf("mean colour %v scores %v, want %v", img.Pix[:3], got, want)
		}
	}
	var s ImageSize
	if err := s.Fit(Each(plain(10, 8, 0, 0, 0), plain(14, 8, 0, 0, 0))); err != nil {
		t.Fatal(err)
	}
	if got, want := s.Score(plain(18, 8, 1, 2, 3)), 6/math.Sqrt(4+1e-4); math.Abs(got-want) > 1e-9 {
		t.Errorf("size scores %v, want %v", got, want)
	}
}

// textures are pictures that few directions explain, but for noise: sums of some
// patterns with weights that fall off.
func textures(n, side, patterns int) []*imageio.Image {
	r := rng.New(3, uint64(patterns))
	pattern := make([][]float64, patterns)
	for i := range pattern {
		pattern[i] = make([]float64, 3*side*side)
		for j := range pattern[i] {
			pattern[i][j] = r.Norm()
		}
	}
	images := make([]*imageio.Image, n)
	for k := range images {
		img := imageio.NewImage(side, side)
		x := make([]float64, len(img.Pix))
		for i, p := range pattern {
			weight := 30 * r.Norm() / float64(1+i)
			for j, v := range p {
				x[j] += weight * v
			}
		}
		for j, v := range x {
			img.Pix[j] = byte(max(0, min(255, math.Round(128+v+r.Norm()))))
		}
		images[k] = img
	}
	return images
}

// The residual against that of all singular vectors: equal where the span holds
// everything, and to one part in 10⁵ where it is found by iteration, on scores and on
// every value of the map.
func TestPCAResidual(t *testing.T) {
	for _, c := range []struct {
		n, side, components int
		tolerance           float64
	}{{12, 4, 5, 1e-9}, {200, 2, 4, 1e-9}, {30, 4, 100, 1e-6}, {150, 8, 6, 1e-5}} {
		images := textures(c.n+5, c.side, 6)
		p := PCA{Side: c.side, Components: c.components}
		if err := p.Fit(Each(images[:c.n]...)); err != nil {
			t.Fatal(err)
		}
		d := 3 * c.side * c.side
		x := mat.NewDense(c.n, d, nil)
		mean := make([]float64, d)
		for i, img := range images[:c.n] {
			for j, v := range img.Pix {
				x.Set(i, j, float64(v))
				mean[j] += float64(v) / float64(c.n)
			}
		}
		x.Apply(func(i, j int, v float64) float64 { return v - mean[j] }, x)
		var svd mat.SVD
		if !svd.Factorize(x, mat.SVDThin) {
			t.Fatal("no SVD")
		}
		var v mat.Dense
		svd.VTo(&v)
		k := min(c.components, c.n-1, d)
		for _, img := range images {
			left := make([]float64, d)
			for j, b := range img.Pix {
				left[j] = float64(b) - mean[j]
			}
			centred := append([]float64(nil), left...)
			for i := range k {
				var dot float64
				for j, b := range centred {
					dot += b * v.At(j, i)
				}
				for j := range left {
					left[j] -= dot * v.At(j, i)
				}
			}
			want := norm(left) / math.Sqrt(float64(d))
			if got := p.Score(img); math.Abs(got-want) > c.tolerance*max(want, 1) {
				t.Errorf("%d of %d×%d, %d components: residual %v, want %v", c.n, c.side, c.side, c.components, got, want)
			}
			m := p.Map(img)
			for i, got := range m.Values {
				want := norm(left[3*i:3*i+3]) / math.Sqrt(3)
				if math.Abs(float64(got)-want) > (c.tolerance+1e-6)*max(norm(left), 1) {
					t.Errorf("%d of %d×%d: pixel %d has %v, want %v", c.n, c.side, c.side, i, got, want)
				}
			}
		}
	}
}

// A spot that no normal has is where the map is highest.
func TestPCASeesWhere(t *testing.T) {
	images := textures(81, 8, 6)
	p := PCA{Side: 8, Components: 6}
	if err := p.Fit(Each(images[:80]...)); err != nil {
		t.Fatal(err)
	}
	spot := images[80]
	before := p.Score(spot)
	for i := range 3 {
		spot.Pix[3*(5*8+2)+i] ^= 0x80
	}
	if after := p.Score(spot); after < 4*before {
		t.Errorf("score %v with a spot, %v without", after, before)
	}
	most := 0
	m := p.Map(spot)
	for i, v := range m.Values {
		if v > m.Values[most] {
			most = i
		}
	}
	if most != 5*8+2 {
		t.Errorf("highest at %d", most)
	}
}

func TestPCAOfPicturesThatAreAllAlike(t *testing.T) {
	p := PCA{Side: 4, Components: 3}
	if err := p.Fit(Each(plain(4, 4, 7, 8, 9), plain(8, 8, 7, 8, 9), plain(5, 3, 7, 8, 9))); err != nil {
		t.Fatal(err)
	}
	if got := p.Score(plain(3, 3, 10, 8, 5)); math.Abs(got-math.Sqrt(25./3)) > 1e-12 {
		t.Errorf("score %v", got)
	}
}

func TestComparatorsRefuse(t *testing.T) {
	broken := errors.New("broken.png: not an image")
	img := plain(2, 2, 1, 2, 3)
	for _, c := range Comparators() {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: scores before it is fitted", c.Name())
				}
			}()
			c.Score(img)
		}()
		var failing iter.Seq2[*imageio.Image, error] = func(yield func(*imageio.Image, error) bool) {
			_ = yield(img, nil) && yield(nil, broken) && yield(img, nil)
		}
		if err := c.Fit(failing); err != broken {
			t.Errorf("%s: %v", c.Name(), err)
		}
		if err := c.Fit(Each(img)); err == nil || !strings.Contains(err.Error(), c.Name()+": 1 normal images: want two at least") {
			t.Errorf("%s: %v", c.Name(), err)
		}
		if err := c.Fit(Each(img, &imageio.Image{W: 2, H: 1})); err == nil || !strings.Contains(err.Error(), "without pixels") {
			t.Errorf("%s: %v", c.Name(), err)
		}
		if err := c.Fit(Each(img, img)); err != nil {
			t.Errorf("%s: %v", c.Name(), err)
		}
	}
}

// What 5,000 pictures of CIFAR's size take.
func BenchmarkFitPCA(b *testing.B) {
	images := textures(5000, 32, 6)
	for b.Loop() {
		if err := (&PCA{Side: 32, Components: 64}).Fit(Each(images...)); err != nil {
			b.Fatal(err)
		}
	}
}
