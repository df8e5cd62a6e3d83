package ssdgm

import (
	"math"
	"testing"

	"anomem/autograd"
	"anomem/baseline/internal/coder"
	"anomem/baseline/internal/learn/learntest"
	"anomem/nn"
	"anomem/synthetic"
)

func small(steps int) *Detector {
	return &Detector{Side: 16, Channels: 8, Features: 24, Latent: 5, Hidden: 32, Weight: 0.05, Alpha: 10, Batch: 16, Rate: 5e-3, Steps: steps}
}

func TestLearns(t *testing.T) {
	learntest.Learns(t, small, 300, learntest.Parts(1, 80, 20, synthetic.Object), learntest.Parts(2, 40, 40, synthetic.Object), 72, 80)
}

func TestTrains(t *testing.T) { learntest.Trains(t, small, 2) }

func draw(seed uint64, dims ...int) *autograd.Tensor[float64] {
	return coder.Noise(autograd.NewGraph[float64](nil), seed, "test", 0, dims...)
}

// Both losses by their definitions, with the networks' answers, and their gradients.
func TestLosses(t *testing.T) {
	const n, features, latent, alpha = 3, 4, 2, 0.7
	l := newLabelled[float64](features, latent, 6)
	nn.Init(l, 1)
	g := autograd.NewGraph[float64](nil)
	z, noise, other := draw(1, n, features), draw(2, n, latent), draw(3, n, latent)
	// bound is L of row i with label y, by the noise e.
	bound := func(i, y int, e *autograd.Tensor[float64]) (sum float64) {
		row := append(append([]float64(nil), z.Data()[i*features:(i+1)*features]...), 0, 0)
		row[features+y] = 1
		q := l.encode.Forward(g, autograd.FromSlice(row, 1, len(row))).Data()
		in := make([]float64, latent+labels)
		in[latent+y] = 1
		for k := range latent {
			m, s := q[k], q[latent+k]
			in[k] = m + math.Exp(s/2)*e.Data()[i*latent+k]
			sum += 0.5 * (math.Exp(s) + m*m - 1 - s)
		}
		p := l.decode.Forward(g, autograd.FromSlice(in, 1, len(in))).Data()
		for k := range features {
			off := z.Data()[i*features+k] - p[k]
			sum += 0.5 * (off*off/math.Exp(p[features+k]) + p[features+k] + math.Log(2*math.Pi))
		}
		return sum + math.Log(2)
	}
	class := []int{normal, anomalous, anomalous}
	with, without := 0., 0.
	for i := range n {
		logits := l.classify.Forward(g, autograd.FromSlice(z.Data()[i*features:(i+1)*features], 1, features)).Data()
		total := math.Exp(logits[0]) + math.Exp(logits[1])
		with += (bound(i, class[i], noise) - alpha*math.Log(math.Exp(logits[class[i]])/total)) / n
		for y, e := range []*autograd.Tensor[float64]{noise, other} {
			q := math.Exp(logits[y]) / total
			without += q * (bound(i, y, e) + math.Log(q)) / n
		}
	}
	losses := func(g *autograd.Graph[float64], in []*autograd.Tensor[float64]) (a, b *autograd.Tensor[float64]) {
		return l.labelledLoss(g, in[0], class, noise, alpha), l.unlabelledLoss(g, in[0], noise, other)
	}
	in := []*autograd.Tensor[float64]{z}
	if a, b := losses(g, in); math.Abs(a.Item()-with) > 1e-9 || math.Abs(b.Item()-without) > 1e-9 {
		t.Errorf("losses %v and %v, want %v and %v", a.Item(), b.Item(), with, without)
	}
	err := autograd.GradCheck("losses", func(g *autograd.Graph[float64], in []*autograd.Tensor[float64]) *autograd.Tensor[float64] {
		a, b := losses(g, in)
		return g.Add(a, b)
	}, in)
	if err != nil {
		t.Error(err)
	}
}

func TestRefuses(t *testing.T) {
	known := learntest.Parts(1, 3, 2, synthetic.Object)
	learntest.Refuses(t, known, "SS-DGM: ", &Detector{Side: 20, Channels: 8}, &Detector{Side: 16, Channels: 8, Features: 1, Latent: 1})
	learntest.Refuses(t, known[:3], "no known anomaly", small(1))
}
