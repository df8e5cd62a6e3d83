package piad

import (
	"context"
	"math"
	"testing"

	"anomem/autograd"
	"anomem/baseline"
	"anomem/baseline/internal/coder"
	"anomem/baseline/internal/features"
	"anomem/baseline/internal/learn/learntest"
	"anomem/imageio"
	"anomem/nn"
	"anomem/synthetic"
)

const encoder = "../../testdata/resnet/resnet18-small.safetensors"

func small(steps int) *Detector {
	return New(Config{Encoder: encoder, Stage: 1, Side: 16, Channels: 8, Latent: 16, Critics: 1, Balance: 20, Batch: 16, Rate: 2e-3, Steps: steps})
}

func TestLearns(t *testing.T) {
	learntest.Learns(t, small, 300, learntest.Parts(1, 80, 0), learntest.Parts(2, 25, 25, synthetic.Object), 60, 66)
}

func TestTrains(t *testing.T) { learntest.Trains(t, small, 0) }

func draw(seed uint64, dims ...int) *autograd.Tensor[float64] {
	return coder.Noise(autograd.NewGraph[float64](nil), seed, "test", 0, dims...)
}

// Of a linear critic w·x + b, whose gradient is w everywhere, the finite form is the penalty itself,
// and so is its derivative by w: 2λ (|w| - 1) w/|w|.
func TestCriticLoss(t *testing.T) {
	const n, c = 4, 3
	d := nn.NewLinear[float64](c, 1)
	nn.Init(d, 1)
	w := d.Weight.Data()
	length := 0.
	for _, v := range w {
		length += v * v
	}
	length = math.Sqrt(length)
	real, made, x, u := draw(1, n, c), draw(2, n, c), draw(3, n, c), autograd.New[float64](n, c)
	want := penalty * (length - 1) * (length - 1)
	slope := make([]float64, c)
	for i := range n {
		for k := range c {
			u.Data()[i*c+k] = w[k] / length
			off := (made.Data()[i*c+k] - real.Data()[i*c+k]) / n
			want += off * w[k]
			slope[k] += off + 2*penalty*(length-1)*w[k]/length/n
		}
	}
	g := autograd.NewGraph[float64](nil)
	l := criticLoss(g, d, real, made, x, u)
	if math.Abs(l.Item()-want) > 1e-9 {
		t.Errorf("loss %v, want %v", l.Item(), want)
	}
	g.Backward(l)
	for k, v := range d.Weight.Grad() {
		if math.Abs(v-slope[k]) > 1e-9 {
			t.Errorf("derivative %d is %v, want %v", k, v, slope[k])
		}
	}
}

// A critic's own steepest directions are those of its gradient, and steps teach it to tell.
func TestCritic(t *testing.T) {
	c := newCritic(nn.NewMLP[float32](2, 16, 1), "test", 1)
	nn.Init(c.net, 1)
	g := autograd.NewGraph[float32](nil)
	shape := autograd.MakeShape(3, 2)
	x := []float32{0.3, 0.1, -1, 2, 0.5, 0.4}
	along := c.steepest(g, x, shape)
	const h = 1e-2
	value := func(x []float32) float32 { return c.net.Forward(g, autograd.FromSlice(x, 1, 2)).Data()[0] }
	for i := range 3 {
		row := x[2*i : 2*i+2]
		dx := value([]float32{row[0] + h, row[1]}) - value([]float32{row[0] - h, row[1]})
		dy := value([]float32{row[0], row[1] + h}) - value([]float32{row[0], row[1] - h})
		norm := math.Hypot(float64(dx), float64(dy))
		if math.Abs(float64(dx)/norm-float64(along[2*i])) > 1e-2 || math.Abs(float64(dy)/norm-float64(along[2*i+1])) > 1e-2 {
			t.Errorf("row %d: (%v, %v), want (%v, %v) in proportion", i, along[2*i], along[2*i+1], dx, dy)
		}
	}
	real, made := []float32{1, 1, 1.2, 0.9, 0.8, 1}, []float32{-1, -1, -1.1, -0.8, -1, -1.2}
	for step := range 200 {
		c.step(g, real, made, shape, step, 5e-3)
	}
	if a, b := value([]float32{1, 1}), value([]float32{-1, -1}); a < b+1 {
		t.Errorf("%v of what is real, %v of what is made", a, b)
	}
}

// Deviations by the definition, and their gradient.
func TestDeviations(t *testing.T) {
	a, b := draw(1, 2, 2, 3, 4), draw(2, 2, 2, 3, 4)
	f := func(g *autograd.Graph[float64], in []*autograd.Tensor[float64]) *autograd.Tensor[float64] {
		return g.Mean(deviations(g, a, in[0]), false)
	}
	want := 0.
	for i := range 2 {
		far, whole := 0., 0.
		for k := i * 24; k < (i+1)*24; k++ {
			far, whole = far+math.Abs(a.Data()[k]-b.Data()[k]), whole+math.Abs(a.Data()[k])
		}
		want += far / whole / 2
	}
	in := []*autograd.Tensor[float64]{b}
	if got := f(autograd.NewGraph[float64](nil), in).Item(); math.Abs(got-want) > 1e-5 {
		t.Errorf("%v, want %v", got, want)
	}
	if err := autograd.GradCheck("deviations", f, in); err != nil {
		t.Error(err)
	}
}

// Features of the images that they are standardised by have mean 0 and deviation 1, and balanced
// losses have gradients of the same length, which leave none behind.
func TestTraining(t *testing.T) {
	var images []*imageio.Image
	for _, s := range learntest.Parts(1, 20, 0) {
		images = append(images, s.Image.Resize(16, 16))
	}
	c := small(1).Config
	net, norm, _, err := features.Network("test", c.Encoder, baseline.Options{})
	if err != nil {
		t.Fatal(err)
	}
	u := newTraining(c, images, newPerceptual(net, norm, c.Stage), baseline.Options{Seed: 1})
	g := autograd.NewGraph[float32](nil)
	x := g.NewTensor(20, 16, 16, 3)
	for i, img := range images {
		for k, v := range img.Pix {
			x.Data()[i*len(img.Pix)+k] = float32(v) / 255
		}
	}
	f := u.metric.features(g, x)
	n, ch := f.Len()/f.Dim(3), f.Dim(3)
	for k := range ch {
		sum, square := 0., 0.
		for i := k; i < f.Len(); i += ch {
			v := float64(f.Data()[i])
			sum, square = sum+v/float64(n), square+v*v/float64(n)
		}
		if math.Abs(sum) > 1e-3 || square > 1e-6 && math.Abs(square-1) > 1e-2 {
			t.Errorf("channel %d: mean %v, mean square %v", k, sum, square)
		}
	}
	u.balance(3)
	deceive, squeeze, _ := u.losses(g, 3)
	adversarial := g.Add(g.Scale(deceive, u.make), g.Scale(squeeze, u.squeeze))
	lengths := func(of nn.Params[float32]) (sum float64) {
		for _, p := range nn.Parameters(of) {
			for _, v := range p.Tensor.Grad() {
				sum += float64(v) * float64(v)
			}
		}
		return math.Sqrt(sum)
	}
	if l := lengths(u.net); l != 0 {
		t.Errorf("a gradient of length %v is left", l)
	}
	g.Backward(adversarial)
	made, squeezed := lengths(u.net.Decoder), lengths(u.net.Encoder)
	g.Reset()
	nn.ZeroGrad(nn.Parameters(u.net))
	_, _, again := u.losses(g, 3)
	g.Backward(again)
	for name, pair := range map[string][2]float64{"generator": {made, lengths(u.net.Decoder)}, "encoder": {squeezed, lengths(u.net.Encoder)}} {
		if math.Abs(pair[0]-pair[1]) > 1e-3*pair[1] {
			t.Errorf("%s: gradients of length %v and %v", name, pair[0], pair[1])
		}
	}
}

// The score is the mean of the map.
func TestMap(t *testing.T) {
	src := learntest.Parts(1, 9, 0)
	d := small(2)
	if err := d.Fit(context.Background(), src, baseline.Options{}); err != nil {
		t.Fatal(err)
	}
	m, sum := d.Map(src[0].Image), 0.
	for _, v := range m.Value {
		sum += float64(v) / float64(len(m.Value))
	}
	if got := d.Score(src[0].Image); m.W != 16 || m.H != 16 || math.Abs(got-sum) > 1e-6 || !(got > 0) {
		t.Errorf("%d×%d, score %v, want %v", m.W, m.H, got, sum)
	}
}

func TestSettingsThatDoNotFit(t *testing.T) {
	for _, change := range []func(c *Config){
		func(c *Config) { c.Side = 20 }, func(c *Config) { c.Stage = 5 }, func(c *Config) { c.Stage = 0 }, func(c *Config) { c.Latent = 0 },
		func(c *Config) { c.Critics = 0 }, func(c *Config) { c.Balance = 0 }, func(c *Config) { c.Batch = 0 },
	} {
		d := small(1)
		change(&d.Config)
		learntest.Refuses(t, learntest.Parts(1, 3, 0), "PIAD: ", d)
	}
	d := small(1)
	d.Config.Encoder = "nothing"
	if err := d.Fit(context.Background(), learntest.Parts(1, 3, 0), baseline.Options{}); err == nil {
		t.Error("an encoder that is not there")
	}
}
