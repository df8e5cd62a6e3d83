package augment

import (
	"hash/fnv"
	"image"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"anomem/imageio"
	"anomem/nn/rng"
	"anomem/simd"
)

// TestPlain: at its own size an image is (v/255 - mean)/std to within the three
// roundings of float32, and the zero Options make each view of any image the same.
func TestPlain(t *testing.T) {
	img := picture(32, 32, 3)
	got := make([]float32, len(img.Pix))
	Plain(got, img, 32, imagenet)
	for i, v := range img.Pix {
		mean, std := float64(imagenet.Mean[i%3]), float64(imagenet.Std[i%3])
		want := (float64(v)/255 - mean) / std
		if bound := (1/std + 2*math.Abs(want)) * 0x1p-24; math.Abs(float64(got[i])-want) > bound {
			t.Fatalf("value %d is %g, want %g ± %g", i, got[i], want, bound)
		}
	}
	view := make([]float32, len(got))
	for _, shape := range [][2]int{{32, 32}, {9, 40}, {200, 65}, {1, 1}} {
		img := picture(shape[0], shape[1], 4)
		Plain(got, img, 32, imagenet)
		for seed := range uint64(5) {
			new(Options).View(view, img, 32, imagenet, rng.New(seed))
			if !slices.Equal(view, got) {
				t.Fatalf("%v: a view of no strength is not Plain", shape)
			}
		}
	}
}

// all has every transformation.
func all(size int) Options {
	o := ForKind(Object, size)
	o.Turn, o.Hue, o.Grey = 0.5, 0.1, 0.2
	o.Blur = 0.5
	return o
}

// TestDrawsAreTheirOwn: switching one transformation off, or making it another, leaves
// the draws of all others as they were.
func TestDrawsAreTheirOwn(t *testing.T) {
	without := map[string]func(*Options, *draws){
		"crop":    func(o *Options, d *draws) { o.CropArea, d.crop = [2]float64{}, image.Rect(0, 0, 50, 40) },
		"flip":    func(o *Options, d *draws) { o.Flip, d.mirror = 0, false },
		"turn":    func(o *Options, d *draws) { o.Turn, d.turn = 0, 0 },
		"jitter":  func(o *Options, d *draws) { o.Jitter, d.jitter = 0, jitter{} },
		"grey":    func(o *Options, d *draws) { o.Grey, d.grey = 0, false },
		"blur":    func(o *Options, d *draws) { o.Blur, d.sigma = 0, 0 },
		"nothing": func(o *Options, d *draws) { o.Noise = 0 },
	}
	for name, change := range without {
		for seed := range uint64(50) {
			o, r, again := all(32), rng.New(seed), rng.New(seed)
			want := o.draw(50, 40, kept{}, &r)
			change(&o, &want)
			if got := o.draw(50, 40, kept{}, &again); !reflect.DeepEqual(got, want) {
				t.Errorf("seed %d without %s: %+v, want %+v", seed, name, got, want)
			}
		}
	}
}

// TestChances: each transformation comes as often as it should.
func TestChances(t *testing.T) {
	const n = 20_000
	o := all(32)
	r := rng.New(8)
	count := map[string]float64{}
	add := func(name string, yes bool) {
		if yes {
			count[name]++
		}
	}
	for range n {
		d := o.draw(32, 32, kept{}, &r)
		add("mirror", d.mirror)
		add("turn 90", d.turn == 1)
		add("turn 180", d.turn == 2)
		add("turn 270", d.turn == 3)
		add("jitter", d.jitter != jitter{})
		add("grey", d.grey)
		add("blur", d.sigma != 0)
		add("σ over 1.05", d.sigma > 1.05)
		if d.sigma != 0 && (d.sigma < 0.1 || d.sigma > 2) {
			t.Fatalf("σ = %g", d.sigma)
		}
	}
	for name, p := range map[string]float64{"mirror": 0.5, "turn 90": 1. / 6, "turn 180": 1. / 6, "turn 270": 1. / 6,
		"jitter": 0.8, "grey": 0.2, "blur": 0.5, "σ over 1.05": 0.25} {
		if bound := 4 * math.Sqrt(n*p*(1-p)); math.Abs(count[name]-n*p) > bound {
			t.Errorf("%s: %g of %d, want %g ± %g", name, count[name], n, n*p, bound)
		}
	}
}

// TestViewIsItsSteps: a view is the steps that the other tests check, in order.
func TestViewIsItsSteps(t *testing.T) {
	const size = 24
	img := picture(60, 50, 5)
	var table imageio.NormTable
	table.Set(imagenet)
	got, want := make([]float32, 3*size*size), make([]float32, 3*size*size)
	for seed := range uint64(40) {
		o := all(size)
		o.View(got, img, size, imagenet, rng.New(seed))

		r := rng.New(seed)
		d := o.draw(img.W, img.H, kept{}, &r)
		view := imageio.NewImage(size, size)
		new(imageio.Sampler).Sample(view.Pix, img, d.crop, size, d.mirror)
		view = view.Rotate90(d.turn)
		d.jitter.apply(view.Pix)
		if d.grey {
			toGrey(view.Pix)
		}
		table.Apply(want, view.Pix)
		if d.sigma > 0 {
			new(blur).apply(want, view.Pix, size, size, d.sigma, &table)
		}
		var z noise
		z.set(o.Noise, imagenet)
		z.add(want, &d.noise)
		if !slices.Equal(got, want) {
			t.Fatalf("seed %d: %+v", seed, d)
		}
	}
}

// TestSameBits: the bits that models depend on. They are the same at every level of
// every architecture, and change only on purpose.
func TestSameBits(t *testing.T) {
	defer simd.Use(simd.Level())
	const want = 0xfa1e77243a547206
	for _, level := range simd.Levels() {
		if len(level.Missing) > 0 {
			t.Logf("SKIP: level %s: this CPU lacks %v", level.Name, level.Missing)
			continue
		}
		if err := simd.Use(level.Name); err != nil {
			t.Fatal(err)
		}
		h := fnv.New64a()
		var w Worker
		var shifted Shifted
		for i, kind := range []Kind{Object, Part, Texture} {
			for v := range uint64(24) {
				size := []int{20, 32, 70}[v%3]
				o := ForKind(kind, size)
				if kind == Object {
					o = all(size)
				}
				img := picture(30+int(7*v), 40+int(5*v), v)
				r := rng.New(1, uint64(i), v)
				Shift(v%4%3).Into(&shifted, img, &r)
				view := make([]float32, 3*size*size)
				w.view(view, &shifted.Image, size, size, &o, imagenet, kept{shifted.Region, &shifted.Mask}, 0, &r)
				for _, f := range view {
					b := math.Float32bits(f)
					h.Write([]byte{byte(b), byte(b >> 8), byte(b >> 16), byte(b >> 24)})
				}
			}
		}
		if got := h.Sum64(); got != want {
			t.Errorf("level %s: digest %#x, want %#x", level.Name, got, uint64(want))
		}
	}
}

// TestNoAllocation: a warm Worker allocates nothing, whatever a view draws.
func TestNoAllocation(t *testing.T) {
	o := all(40)
	img := picture(300, 200, 1)
	dst := make([]float32, 3*40*40)
	var w Worker
	run := func() {
		for v := range uint64(40) {
			w.View(dst, img, 40, &o, imagenet, rng.New(1, v))
			w.Plain(dst, img, 40, imagenet)
		}
	}
	run()
	if n := testing.AllocsPerRun(3, run); n != 0 {
		t.Errorf("%g allocations in 80 views", n)
	}
}

// TestWorkerForgets: what a Worker made before, of other images, sizes and constants,
// does not show.
func TestWorkerForgets(t *testing.T) {
	var w Worker
	for v := range uint64(30) {
		size := []int{9, 70, 32}[v%3]
		o := all(size)
		o.Noise = float64(v%4) / 100
		norm := imagenet
		norm.Std[0] += float32(v % 2)
		img := picture(10+int(v*13%90), 100-int(v), v)
		got, want := make([]float32, 3*size*size), make([]float32, 3*size*size)
		w.View(got, img, size, &o, norm, rng.New(v))
		o.View(want, img, size, norm, rng.New(v))
		if !slices.Equal(got, want) {
			t.Fatalf("view %d of a Worker is another than alone", v)
		}
	}
}

func TestViewPanics(t *testing.T) {
	img := picture(4, 4, 1)
	dst := make([]float32, 3*4*4)
	broken := *img
	broken.Pix = broken.Pix[1:]
	for want, f := range map[string]func(){
		"a view of 4×4 pixels in 47 values":    func() { Plain(dst[1:], img, 4, imagenet) },
		"a view of 0×0 pixels in 0 values":     func() { Plain(nil, img, 0, imagenet) },
		"an image of 0×0 pixels in 0 bytes":    func() { Plain(dst, &imageio.Image{}, 4, imagenet) },
		"an image of 4×4 pixels in 47 bytes":   func() { Plain(dst, &broken, 4, imagenet) },
		"standard deviation of channel 0 is 0": func() { Plain(dst, img, 4, imageio.Norm{}) },
		"Flip is 2: want 0 (off) to 1":         func() { (&Options{Flip: 2}).View(dst, img, 4, imagenet, rng.New(1)) },
		"an image of 4×4 pixels in 47 byte":    func() { Rotate.Apply(&broken, new(rng.Stream)) },
		"there is no Shift(9)":                 func() { Shift(9).Apply(img, new(rng.Stream)) },
		"there is no Kind(9)":                  func() { ForKind(9, 32) },
		"Sheet of 0 columns":                   func() { Sheet(0, img) },
		"2 views of 4×4 pixels in 48 values":   func() { (&Batch{Size: 4, Norm: imagenet}).Views(nil, dst, make([]Row, 2)) },
		"0 views of 0×0 pixels in 0 values":    func() { new(Batch).Plain(nil, nil, nil) },
		"pairs of 2 and 1 rows": func() {
			(&Batch{Size: 4, Norm: imagenet}).Pairs(nil, [2][]float32{}, [2][]Row{make([]Row, 2), make([]Row, 1)})
		},
		"mean of channel 1 is NaN": func() {
			Plain(dst, img, 4, imageio.Norm{Mean: [3]float32{0, float32(math.NaN()), 0}, Std: [3]float32{1, 1, 1}})
		},
		"standard deviation of channel 2 is NaN": func() { Plain(dst, img, 4, imageio.Norm{Std: [3]float32{1, 1, float32(math.NaN())}}) },
	} {
		func() {
			defer func() {
				if got, ok := recover().(string); !ok || !strings.HasPrefix(got, "augment: ") || !strings.Contains(got, want) {
					t.Errorf("panicked with %q, want %q", got, want)
				}
			}()
			f()
		}()
	}
}
