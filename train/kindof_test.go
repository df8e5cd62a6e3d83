package train

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"anomem/dataset"
	"anomem/imageio"
	"anomem/nn/rng"
	"anomem/synthetic"
	"anomem/train/augment"
)

// A surface gives the light at a place of a picture, in levels; both axes go from -1 to 1.
type surface func(x, y float64) float64

// photographs returns n square pictures of what of returns, with noise.
func photographs(n, side int, of func(r *rng.Stream) surface) dataset.Samples {
	var all dataset.Samples
	for i := range n {
		r := rng.New(3, uint64(i))
		light, img := of(&r), imageio.NewImage(side, side)
		for p := range side * side {
			at := func(k int) float64 { return float64(2*k+1)/float64(side) - 1 }
			v := min(255, max(0, light(at(p%side), at(p/side))+4*r.Norm()))
			img.Pix[3*p], img.Pix[3*p+1], img.Pix[3*p+2] = byte(v), byte(0.9*v), byte(0.8*v)
		}
		all = append(all, dataset.Sample{Image: img, Normal: true})
	}
	return all
}

// plug is a part with an up and a left.
func plug(x, y float64) float64 {
	switch {
	case math.Hypot(x+0.1, y+0.2) < 0.15:
		return 40
	case math.Abs(x) < 0.4 && math.Abs(y) < 0.6:
		return 190 + 40*x
	case math.Abs(x-0.2) < 0.1 && y > 0 && y < 0.8:
		return 230
	}
	return 90
}

// posed returns a plug moved by up to shift of the picture's width, and turned by up to turn,
// in radians.
func posed(shift, turn float64) func(*rng.Stream) surface {
	return func(r *rng.Stream) surface {
		within := func(most float64) float64 { return most * (2*r.Float64() - 1) }
		dx, dy := within(2*shift), within(2*shift)
		sin, cos := math.Sincos(within(turn))
		return func(x, y float64) float64 {
			x, y = x-dx, y-dy
			return plug(cos*x+sin*y, cos*y-sin*x)
		}
	}
}

// grain returns waves of random phases across the picture, of so many periods, and as many
// upward as up says, under a lamp that loses a share of its light to the lower right.
func grain(periods, up, lamp float64) func(*rng.Stream) surface {
	return func(r *rng.Stream) surface {
		var waves [24][3]float64
		for i := range waves {
			waves[i] = [3]float64{math.Pi * periods * (0.5 + r.Float64()), math.Pi * up * (2*r.Float64() - 1), 2 * math.Pi * r.Float64()}
		}
		return func(x, y float64) float64 {
			v := 0.0
			for _, w := range waves {
				v += math.Sin(w[0]*x + w[1]*y + w[2])
			}
			return (128 + 10*v) * (1 - lamp*(x+y+2)/4)
		}
	}
}

// ended returns a fine grain that is darkened by a half within about so much of the upper and lower
// edge, as a share of half of the picture.
func ended(edge float64) func(*rng.Stream) surface {
	return func(r *rng.Stream) surface {
		of, top, bottom := grain(30, 30, 0)(r), 1-edge*(0.7+0.6*r.Float64()), 1-edge*(0.7+0.6*r.Float64())
		return func(x, y float64) float64 {
			if y > bottom || -y > top {
				return of(x, y) / 2
			}
			return of(x, y)
		}
	}
}

// sides enlarges pictures to the given side.
func sides(d dataset.Samples, side int) dataset.Samples {
	for i := range d {
		d[i].Image = d[i].Image.Resize(side, side)
	}
	return d
}

// landscape returns something that stands anywhere on a ground under a brighter sky.
func landscape(r *rng.Stream) surface {
	horizon, at, wide, high := r.Float64()-0.5, 1.6*r.Float64()-0.8, 0.1+0.4*r.Float64(), 0.2+0.5*r.Float64()
	sky, ground, thing := 140+100*r.Float64(), 60+100*r.Float64(), 200*r.Float64()
	pitch := 20 + 20*r.Float64()
	return func(x, y float64) float64 {
		switch {
		case math.Abs(x-at) < wide && y > horizon-high && y < horizon+0.2:
			return thing
		case y < horizon:
			return sky
		}
		return ground + 30*math.Sin(pitch*x)*math.Sin(pitch*y)
	}
}

// anywhere returns a small disc at any place.
func anywhere(r *rng.Stream) surface {
	x0, y0 := 1.6*r.Float64()-0.8, 1.6*r.Float64()-0.8
	return func(x, y float64) float64 {
		if math.Hypot(x-x0, y-y0) < 0.2 {
			return 200
		}
		return 80
	}
}

func drawn(o synthetic.Options, n int) dataset.Samples {
	var all dataset.Samples
	for i := range n {
		all = append(all, o.Normal(1, i).Sample)
	}
	return all
}

// cutUnlike cuts squares of several sizes from pictures.
func cutUnlike(d dataset.Samples) dataset.Samples {
	for i := range d {
		side := d[i].Image.W - 7*(i%8)
		d[i].Image = d[i].Image.Crop(i%8, 0, side, side)
	}
	return d
}

func TestKindOf(t *testing.T) {
	anyTurn := math.Pi
	for _, c := range []struct {
		name string
		d    dataset.Source
		want augment.Kind
		why  string
	}{
		{"a part", photographs(20, 96, posed(0.02, 0.05)), augment.Part, "same place"},
		{"four of them", photographs(4, 96, posed(0.02, 0.05)), augment.Part, "by 4 images"},
		{"a part that moves", photographs(40, 96, posed(0.05, 0.17)), augment.Part, "same place"},
		{"a part in any pose", photographs(60, 96, posed(0.2, anyTurn)), augment.Texture, "neither aligned nor upright"},
		{"discs anywhere", photographs(60, 96, anywhere), augment.Texture, "neither aligned nor upright"},
		{"a drawn part", drawn(synthetic.Options{Size: 96}, 60), augment.Part, "same place"},
		{"a small part", photographs(20, 64, posed(0.02, 0.05)), augment.Object, "small"},
		{"a small part, turned", photographs(60, 64, func(r *rng.Stream) surface {
			half := float64(2*r.IntN(2) - 1)
			return func(x, y float64) float64 { return plug(half*x, half*y) }
		}), augment.Part, "same place"},
		{"small drawn parts", drawn(synthetic.Options{}, 40), augment.Object, "small"},
		{"a plate", drawn(synthetic.Options{Scene: synthetic.Plate, Size: 512}, 4), augment.Part, "same place"},
		{"a large part that moves", sides(photographs(40, 96, posed(0.05, 0.17)), 700), augment.Part, "same place"},
		{"a surface between dark ends", sides(photographs(40, 96, ended(0.15)), 700), augment.Texture, "at no certain place"},
		{"one of few pixels", photographs(40, 96, ended(0.15)), augment.Part, "same place"},
		{"landscapes", photographs(100, 72, landscape), augment.Object, "upright"},
		{"tiny landscapes", photographs(100, 32, landscape), augment.Object, "upright"},
		{"a fine grain", photographs(20, 96, grain(30, 30, 0)), augment.Texture, "alike everywhere"},
		{"a grain across, by a lamp", photographs(40, 96, grain(12, 1, 0.3)), augment.Texture, "alike everywhere"},
		{"a grain of several sizes", cutUnlike(photographs(20, 120, grain(20, 20, 0))), augment.Texture, "alike everywhere"},
		{"drawn cloth", drawn(synthetic.Options{Scene: synthetic.Cloth, Size: 512}, 4), augment.Texture, "alike everywhere"},
		{"a drawn surface", drawn(synthetic.Options{Scene: synthetic.Texture}, 40), augment.Texture, "alike everywhere"},
		{"one part", photographs(1, 96, posed(0, 0)), augment.Texture, "by 1 image:"},
		{"grey", photographs(3, 40, func(*rng.Stream) surface { return func(x, y float64) float64 { return 1000 } }), augment.Texture, "alike everywhere"},
	} {
		kind, e, err := KindOf(context.Background(), c.d)
		if err != nil || kind != c.want || kind != e.Kind() || !strings.Contains(e.String(), c.why) {
			t.Errorf("%s: %v, %v, %v; want %v, %q (%+v)", c.name, kind, e, err, c.want, c.why, e)
		}
	}
}

// TestKindEvidence tries each rule on both sides.
func TestKindEvidence(t *testing.T) {
	const below, above = 0.999, 1.001
	part := KindEvidence{Images: 9, Aligned: leastAligned, Moved: 0.01, Uneven: 1, Turned: 1}
	object := KindEvidence{Images: 9, Uneven: leastUneven, Turned: mostTurned}
	changed := func(e KindEvidence, f func(*KindEvidence)) KindEvidence { f(&e); return e }
	for _, c := range []struct {
		name string
		e    KindEvidence
		want augment.Kind
	}{
		{"aligned", part, augment.Part},
		{"large and aligned within", changed(part, func(e *KindEvidence) { e.Large, e.Within = true, leastWithin }), augment.Part},
		{"large and less aligned within", changed(part, func(e *KindEvidence) { e.Large, e.Within = true, leastWithin*below }), augment.Texture},
		{"not large", changed(part, func(e *KindEvidence) { e.Within = leastWithin * below }), augment.Part},
		{"large, upright and not aligned", changed(object, func(e *KindEvidence) { e.Large = true }), augment.Object},
		{"less aligned", changed(part, func(e *KindEvidence) { e.Aligned *= below }), augment.Texture},
		{"as much when moved", changed(part, func(e *KindEvidence) { e.Moved = e.Aligned }), augment.Texture},
		{"less when moved", changed(part, func(e *KindEvidence) { e.Moved = e.Aligned * below }), augment.Part},
		{"aligned and even", changed(part, func(e *KindEvidence) { e.Uneven = 0 }), augment.Part},
		{"aligned and upright", changed(part, func(e *KindEvidence) { e.Turned = 0 }), augment.Part},
		{"small, aligned and upright", changed(part, func(e *KindEvidence) { e.Small, e.Turned = true, mostTurned }), augment.Object},
		{"small, aligned and not upright", changed(part, func(e *KindEvidence) { e.Small, e.Turned = true, mostTurned*above }), augment.Part},
		{"uneven and upright", object, augment.Object},
		{"more even", changed(object, func(e *KindEvidence) { e.Uneven *= below }), augment.Texture},
		{"less upright", changed(object, func(e *KindEvidence) { e.Turned *= above }), augment.Texture},
		{"small and upright, but even", changed(object, func(e *KindEvidence) { e.Small, e.Uneven = true, 0 }), augment.Texture},
	} {
		if got := c.e.Kind(); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// torn is a source whose images cannot be read.
type torn struct{ dataset.Source }

func (torn) Image(int) (*imageio.Image, error) { return nil, errors.New("torn") }

// TestKindOfReads: normal images count alone, at most kindMost of them, and errors are told.
func TestKindOfReads(t *testing.T) {
	parts := photographs(10, 96, posed(0.02, 0))
	mixed := slices.Clone(parts)
	for _, s := range photographs(50, 96, anywhere) {
		s.Normal = false
		mixed = append(mixed, s)
	}
	_, want, err := KindOf(context.Background(), parts)
	if _, got, errMixed := KindOf(context.Background(), mixed); got != want || err != nil || errMixed != nil {
		t.Errorf("beside anomalies: %+v, %v; want %+v, %v", got, errMixed, want, err)
	}
	many := slices.Repeat(photographs(1, 8, anywhere), kindMost+1)
	if _, e, err := KindOf(context.Background(), many); e.Images != kindMost || err != nil {
		t.Errorf("of %d images %d count, %v", len(many), e.Images, err)
	}
	if _, _, err := KindOf(context.Background(), dataset.AllAnomalous(parts)); err == nil || !strings.Contains(err.Error(), "no image is normal") {
		t.Errorf("without a normal image: %v", err)
	}
	if _, _, err := KindOf(context.Background(), torn{parts}); err == nil || err.Error() != "torn" {
		t.Errorf("an image that cannot be read: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, _, err := KindOf(ctx, parts); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
}

// sized is a source whose images are said to be of a size.
type sized struct {
	dataset.Source
	w, h int
}

func (s sized) Size(int) (w, h int) { return s.w, s.h }

// TestKindImages: of large images fewer are looked at.
func TestKindImages(t *testing.T) {
	one := photographs(1, 8, anywhere)
	for _, c := range []struct{ w, h, want int }{{32, 32, 768}, {512, 512, 256}, {1024, 1024, 64}, {4096, 4096, 32}, {0, 0, 768}} {
		if got := kindImages(sized{one, c.w, c.h}); got != c.want {
			t.Errorf("%d×%d: %d images, want %d", c.w, c.h, got, c.want)
		}
	}
}

// TestKindSameBits: the evidence is the same on every machine.
func TestKindSameBits(t *testing.T) {
	_, e, err := KindOf(context.Background(), drawn(synthetic.Options{}, 12))
	got := fmt.Sprintf("%x %x %x %x", e.Aligned, e.Moved, e.Uneven, e.Turned)
	const want = "0x1.5dfe0cce2bb64p-03 0x1.f8b54d34d6547p-06 0x1.d800083f8d773p-03 0x1.0624dd2f1a9fcp-10"
	if got != want || err != nil {
		t.Errorf("%s, %v; want %s", got, err, want)
	}
}
