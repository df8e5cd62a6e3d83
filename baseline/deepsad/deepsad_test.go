package deepsad

import (
	"testing"

	"anomem/autograd"
	"anomem/baseline/internal/learn/learntest"
	"anomem/nn"
	"anomem/synthetic"
)

func small(steps int) *Detector {
	return &Detector{Side: 24, Channels: 8, Features: 36, Batch: 32, Rate: 2e-3, Eta: 1, Decay: 5e-7, Steps: steps}
}

func TestLearns(t *testing.T) {
	learntest.Learns(t, small, 60, learntest.Parts(1, 80, 12, synthetic.Object), learntest.Parts(2, 40, 40, synthetic.Object), 60, 85)
}

// Without known anomalies: Deep SVDD.
func TestLearnsFromNormalImages(t *testing.T) {
	learntest.Learns(t, small, 40, learntest.Parts(1, 80, 0), learntest.Parts(2, 40, 40, synthetic.Style), 60, 70)
}

func TestTrains(t *testing.T) { learntest.Trains(t, small, 0) }

// Of two normal images and two known anomalies, by the definition.
func TestLoss(t *testing.T) {
	z, c, normal := learntest.Normal(1, 4, 3), learntest.Normal(2, 3), []bool{true, false, true, false}
	f := func(g *autograd.Graph[float64], in []*autograd.Tensor[float64]) *autograd.Tensor[float64] {
		return loss(g, in[0], c, normal, 0.7)
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
	learntest.Loss(t, f, want, 1e-14*want, z)
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
	x := learntest.Normal(2, 3, 8, 8, 3)
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
	learntest.Refuses(t, learntest.Parts(1, 3, 0), "Deep SAD: ",
		&Detector{Side: 20, Channels: 8, Features: 36, Batch: 32}, &Detector{Side: 24, Channels: 8, Features: 35, Batch: 32},
		&Detector{Side: 24, Features: 36, Batch: 32}, &Detector{Side: 24, Channels: 8, Features: 36, Batch: 1})
}
