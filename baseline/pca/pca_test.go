package pca

import (
	"context"
	"math"
	"testing"

	"anomem/baseline"
	"anomem/dataset"
	"anomem/imageio"
	"anomem/nn/rng"

	"gonum.org/v1/gonum/mat"
)

// fit fits a detector to normal images.
func fit(d *Detector, images ...*imageio.Image) error {
	var src dataset.Samples
	for _, img := range images {
		src = append(src, dataset.Sample{Image: img, Normal: true})
	}
	return d.Fit(context.Background(), src, baseline.Options{})
}

// plain is a picture of one colour, 7, 8 and 9.
func plain(w, h int) *imageio.Image {
	img := imageio.NewImage(w, h)
	for i := range img.Pix {
		img.Pix[i] = byte(7 + i%3)
	}
	return img
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
		p := Detector{Side: c.side, Components: c.components}
		if err := fit(&p, images[:c.n]...); err != nil {
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
			for i, got := range m.Value {
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
	p := Detector{Side: 8, Components: 6}
	if err := fit(&p, images[:80]...); err != nil {
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
	for i, v := range m.Value {
		if v > m.Value[most] {
			most = i
		}
	}
	if most != 5*8+2 {
		t.Errorf("highest at %d", most)
	}
}

func TestPCAOfPicturesThatAreAllAlike(t *testing.T) {
	p := Detector{Side: 4, Components: 3}
	if err := fit(&p, plain(4, 4), plain(8, 8), plain(5, 3)); err != nil {
		t.Fatal(err)
	}
	off := plain(3, 3)
	for i := 0; i < len(off.Pix); i += 3 {
		off.Pix[i], off.Pix[i+2] = 10, 5
	}
	if got := p.Score(off); math.Abs(got-math.Sqrt(25./3)) > 1e-12 {
		t.Errorf("score %v", got)
	}
}

// What 5,000 pictures of CIFAR's size take.
func BenchmarkFitPCA(b *testing.B) {
	images := textures(5000, 32, 6)
	for b.Loop() {
		if err := fit(New(), images...); err != nil {
			b.Fatal(err)
		}
	}
}
