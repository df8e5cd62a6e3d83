package train

import (
	"strings"
	"testing"

	"anomem"
	"anomem/dataset"
	"anomem/imageio"
	"anomem/loss"
	"anomem/nn/optim"
	"anomem/nn/rng"
	"anomem/train/augment"
)

// drawing is a source of images in memory. Without masks, it is not known where they are
// anomalous.
type drawing struct {
	images []*imageio.Image
	normal []bool
	masks  []*imageio.Mask
}

func (d *drawing) Len() int                            { return len(d.images) }
func (d *drawing) Normal(i int) bool                   { return d.normal[i] }
func (d *drawing) Image(i int) (*imageio.Image, error) { return d.images[i], nil }
func (d *drawing) Size(i int) (w, h int)               { return d.images[i].W, d.images[i].H }

func (d *drawing) Region(int) (*imageio.Mask, error) { return nil, nil }
func (d *drawing) Mask(i int) (*imageio.Mask, error) {
	if d.masks == nil {
		return nil, nil
	}
	return d.masks[i], nil
}

func (d *drawing) add(img *imageio.Image, normal bool, mask *imageio.Mask) {
	d.images, d.normal, d.masks = append(d.images, img), append(d.normal, normal), append(d.masks, mask)
}

// upright returns a picture with an up and a down: bright above, with noise.
func upright(name string, i, w, h int) *imageio.Image {
	r := rng.New(5, rng.Name(name), uint64(i))
	m := imageio.NewImage(w, h)
	for k := range m.Pix {
		y := k / (3 * w)
		m.Pix[k] = byte(40 + 160*(h-1-y)/h + r.IntN(40))
	}
	return m
}

// grains returns a picture that looks the same from all sides.
func grains(name string, i, w, h int) *imageio.Image {
	r := rng.New(6, rng.Name(name), uint64(i))
	m := imageio.NewImage(w, h)
	for k := range m.Pix {
		m.Pix[k] = byte(r.IntN(256))
	}
	return m
}

// spotted returns img with a black square, and the mask of the square.
func spotted(img *imageio.Image, x, y, side int) (*imageio.Image, *imageio.Mask) {
	out := img.Crop(0, 0, img.W, img.H)
	mask := &imageio.Mask{W: img.W, H: img.H, Pix: make([]bool, img.W*img.H)}
	for j := y; j < y+side; j++ {
		for i := x; i < x+side; i++ {
			clear(out.Pix[3*(j*img.W+i):][:3])
			mask.Pix[j*img.W+i] = true
		}
	}
	return out, mask
}

// uprights returns n normal pictures of 16×16 pixels.
func uprights(name string, n int) *drawing {
	d := &drawing{}
	for i := range n {
		d.add(upright(name, i, 16, 16), true, nil)
	}
	return d
}

// smallOptions returns options of a training small enough for tests.
func smallOptions() Options {
	o := DefaultOptions(16)
	o.Seed, o.Batch, o.Chunk, o.Epochs, o.WarmUp = 3, 8, 4, 2, 1
	o.Heads.Epochs, o.Heads.Views, o.Heads.KnownViews, o.Heads.Batch = 3, 2, 0, 8
	return o
}

func newStage(t testing.TB, c anomem.Config, o Options, d dataset.Source) *Stage1 {
	t.Helper()
	parts, err := anomem.NewParts[float32](c, o.Seed)
	if err != nil {
		t.Fatal(err)
	}
	s, err := NewStage1(c, o, parts, d, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestOptionsValidate(t *testing.T) {
	for want, change := range map[string]func(o *Options){
		"batch 1":                          func(o *Options) { o.Batch = 1 },
		"chunk 2":                          func(o *Options) { o.Chunk = 2 },
		"0 epochs":                         func(o *Options) { o.Epochs = 0 },
		"epochs: want 1 to":                func(o *Options) { o.Epochs = 1 << 40 },
		"-1 steps":                         func(o *Options) { o.Steps = -1 },
		"warm-up":                          func(o *Options) { o.WarmUp = -1 },
		"learning rate 0":                  func(o *Options) { o.LR = 0 },
		"momentum 1":                       func(o *Options) { o.Momentum = 1 },
		"weight decay -1":                  func(o *Options) { o.WeightDecay = -1 },
		"temperature 0":                    func(o *Options) { o.Loss.Contrast.Tau = 0 },
		`patterns "pca"`:                   func(o *Options) { o.Patterns = "pca" },
		"a queue of -1 features":           func(o *Options) { o.Queue = -1 },
		"leaves random patterns untrained": func(o *Options) { o.Queue, o.Patterns = 8, PatternsRandom },
		"random patterns stay untrained":   func(o *Options) { o.Memoryless, o.Patterns = true, PatternsRandom },
		"contrasts features themselves":    func(o *Options) { o.Memoryless, o.Queue = true, 8 },
		"pair loss Pair(3)":                func(o *Options) { o.Loss.Contrast.Pair = 3 },
		"weight -1 of":                     func(o *Options) { o.Loss.LambdaV = -1 },
		"eps 0":                            func(o *Options) { o.Loss.Spread.Eps = 0 },
		"Flip is 2":                        func(o *Options) { o.Augment.Flip = 2 },
		"heads: 0 views":                   func(o *Options) { o.Heads.Views = 0 },
		"heads: batch 1099511627":          func(o *Options) { o.Heads.Batch = 1 << 40 },
		"heads: learning rate -1":          func(o *Options) { o.Heads.LR = -1 },
		"heads: margin 0":                  func(o *Options) { o.Heads.Margin = 0 },
		"schedule: it begins at step 1":    func(o *Options) { o.Schedule = optim.Piecewise{{From: 1, To: 2, Level: 1000}} },
		"heads: schedule 2 has no end": func(o *Options) {
			o.Heads.Schedules = []optim.Piecewise{{{From: 0, To: 2, Level: 0}}, {{From: 0, To: 2, Level: 9}}}
		},
		"heads: schedule 1: level 1001": func(o *Options) {
			o.Heads.Schedules = []optim.Piecewise{{{From: 0, To: 2, Level: 1001}, {From: 2, To: 3, Level: 0}}}
		},
	} {
		o := smallOptions()
		change(&o)
		if err := o.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error with %q, got %v", want, err)
		}
	}
	for _, p := range []Preset{Quick, Small, Paper} {
		for _, k := range []augment.Kind{augment.Object, augment.Part, augment.Texture} {
			for _, side := range []int{28, 32, 64, 65, 96, 256, 1024} {
				c, o := Settings(p, k, side, side)
				if err := errorsOf(c.Validate(), o.Validate()); err != nil {
					t.Errorf("%s, %v, %d pixels: %v", p, k, side, err)
				}
				for i, n := range c.MapSizes() {
					if loss.SampleSize(n.Y, n.X, c.Scales[i].Ratio) == 0 {
						t.Errorf("%s, %v, %d pixels: nothing is sampled of scale %d, %v", p, k, side, i+1, n)
					}
				}
			}
		}
	}
}

// scoresOf returns the scores of all images of d, one by one.
func scoresOf(m *anomem.Model, d *drawing) (scores []float64) {
	for _, img := range d.images {
		scores = append(scores, m.Score(img).Score)
	}
	return scores
}
