package deepsad

import (
	"context"
	"math"
	"strings"
	"testing"

	"anomem/autograd"
	"anomem/baseline"
	"anomem/baseline/internal/learn/learntest"
	"anomem/nn"
	"anomem/nn/rng"
	"anomem/synthetic"
)

func small(steps int) *Detector {
	return &Detector{Side: 24, Channels: 8, Features: 36, Batch: 32, Rate: 2e-3, Eta: 1, Decay: 5e-7, Steps: steps}
}

func TestLearns(t *testing.T) {
	src, other := learntest.Parts(1, 80, 12, synthetic.Object), learntest.Parts(2, 40, 40, synthetic.Object)
	if before := learntest.AUROC(t, small(1), src, other); before > 75 {
		t.Errorf("AUROC %.1f after a step: the bound below says nothing", before)
	}
	if after := learntest.AUROC(t, small(60), src, other); after < 85 {
		t.Errorf("AUROC %.1f", after)
	}
}

// Without known anomalies: Deep SVDD.
func TestLearnsFromNormalImages(t *testing.T) {
	src, other := learntest.Parts(1, 80, 0), learntest.Parts(2, 40, 40, synthetic.Style)
	if before := learntest.AUROC(t, small(1), src, other); before > 60 {
		t.Errorf("AUROC %.1f after a step: the bound below says nothing", before)
	}
	if after := learntest.AUROC(t, small(40), src, other); after < 70 {
		t.Errorf("AUROC %.1f", after)
	}
}

func TestSameBits(t *testing.T) {
	learntest.SameBits(t, func() baseline.Detector { return small(3) }, learntest.Parts(1, 9, 5, synthetic.Object))
}

func TestStops(t *testing.T) { learntest.Stops(t, small(0), learntest.Parts(1, 9, 0)) }

func TestLoss(t *testing.T) {
	r := rng.New(1)
	draw := func(dims ...int) *autograd.Tensor[float64] {
		x := autograd.New[float64](dims...)
		for i := range x.Data() {
			x.Data()[i] = r.Norm()
		}
		return x
	}
	z, c, normal := draw(4, 3), draw(3), []bool{true, false, true, false}
	f := func(g *autograd.Graph[float64], in []*autograd.Tensor[float64]) *autograd.Tensor[float64] {
		return loss(g, in[0], c, normal, 0.7)
	}
	if err := autograd.GradCheck("loss", f, []*autograd.Tensor[float64]{z}); err != nil {
		t.Error(err)
	}
	want := 0.
	for i, n := range normal {
		var d float64
		for j, v := range c.Data() {
			d += (z.Data()[3*i+j] - v) * (z.Data()[3*i+j] - v)
		}
		if n {
			want += d / 4
		} else {
			want += 0.7 / (d + 1e-6) / 4
		}
	}
	if got := f(autograd.NewGraph[float64](nil), []*autograd.Tensor[float64]{z}).Item(); math.Abs(got-want) > 1e-14*want {
		t.Errorf("loss %v, want %v", got, want)
	}
}

// Both networks against finite differences, with all parameters at once.
func TestGradient(t *testing.T) {
	e, d := newEncoder[float64](8, 2, 3), newDecoder[float64](8, 2, 3)
	nn.Init(e, 1)
	nn.Init(d, 1)
	params := append(nn.Parameters(e), nn.Parameters(d)...)
	var in []*autograd.Tensor[float64]
	for _, p := range params {
		in = append(in, p.Tensor)
	}
	if len(in) != 2*blocks+2 {
		t.Fatalf("%d parameters: want convolutions and a linear layer, and no bias", len(in))
	}
	x := autograd.New[float64](3, 8, 8, 3)
	r := rng.New(2)
	for i := range x.Data() {
		x.Data()[i] = r.Float64()
	}
	f := func(g *autograd.Graph[float64], in []*autograd.Tensor[float64]) *autograd.Tensor[float64] {
		for i := range blocks {
			e.conv[i].Weight = in[i]
		}
		e.fc.Weight = in[blocks]
		for i := range blocks + 1 {
			d.conv[i].Weight = in[blocks+1+i]
		}
		return d.Forward(g, e.Forward(g, x))
	}
	if err := autograd.GradCheck("autoencoder", f, in, autograd.GradDirections(20)); err != nil {
		t.Error(err)
	}
}

func TestSizesThatDoNotFit(t *testing.T) {
	for _, d := range []*Detector{{Side: 20, Channels: 8, Features: 36, Batch: 32}, {Side: 24, Channels: 8, Features: 35, Batch: 32}, {Side: 24, Features: 36, Batch: 32}, {Side: 24, Channels: 8, Features: 36, Batch: 1}} {
		if err := d.Fit(context.Background(), learntest.Parts(1, 3, 0), baseline.Options{}); err == nil || !strings.Contains(err.Error(), "Deep SAD: ") {
			t.Errorf("%+v: %v", d, err)
		}
	}
}
