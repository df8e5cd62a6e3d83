package memae

import (
	"context"
	"math"
	"testing"

	"anomem/autograd"
	"anomem/baseline"
	"anomem/baseline/internal/learn/learntest"
	"anomem/synthetic"
)

func small(steps int) *Detector {
	return &Detector{Side: 32, Channels: 16, Patterns: 40, Threshold: 1. / 40, Entropy: 2e-4, Batch: 16, Rate: 5e-3, Steps: steps}
}

func TestLearns(t *testing.T) {
	learntest.Learns(t, small, 100, learntest.Parts(1, 120, 0), learntest.Parts(2, 40, 40, synthetic.Object), 60, 70)
}

func TestTrains(t *testing.T) { learntest.Trains(t, small, 0) }

// The score is the mean of the map's squares.
func TestMap(t *testing.T) {
	src := learntest.Parts(1, 9, 0)
	d := small(2)
	if err := d.Fit(context.Background(), src, baseline.Options{}); err != nil {
		t.Fatal(err)
	}
	m, sum := d.Map(src[0].Image), 0.
	for _, v := range m.Value {
		sum += float64(v) * float64(v) / float64(len(m.Value))
	}
	if got := d.Score(src[0].Image); m.W != 32 || m.H != 32 || math.Abs(got-sum) > 1e-6*sum {
		t.Errorf("%d×%d, score %v, want %v", m.W, m.H, got, sum)
	}
}

// Weights by the definition, where some are below the threshold and some above.
func TestAddress(t *testing.T) {
	const rows, patterns, c, threshold = 5, 6, 3, 0.18
	z, memory := learntest.Normal(1, rows, c), learntest.Normal(2, patterns, c)
	length := func(x []float64) (l float64) {
		for _, v := range x {
			l += v * v
		}
		return math.Sqrt(l)
	}
	g := autograd.NewGraph[float64](nil)
	got := address(g, z, memory, threshold)
	below, want := 0, 0.
	for i := range rows {
		q := z.Data()[i*c : (i+1)*c]
		var w [patterns]float64
		total, sum := 0., 0.
		for k := range w {
			m := memory.Data()[k*c : (k+1)*c]
			dot := 0.
			for j, v := range q {
				dot += v * m[j]
			}
			w[k] = math.Exp(dot / length(q) / length(m))
			total += w[k]
		}
		for k := range w {
			if w[k] /= total; w[k] <= threshold {
				w[k] = 0
				below++
			}
			sum += w[k]
		}
		for k := range w {
			p := w[k] / sum
			if v := got.Data()[i*patterns+k]; math.Abs(v-p) > 1e-9 {
				t.Errorf("query %d, pattern %d: %v, want %v", i, k, v, p)
			}
			if p > 0 {
				want -= p * math.Log(p) / rows
			}
		}
	}
	if below == 0 || below > rows*(patterns-1) {
		t.Fatalf("%d weights below the threshold", below)
	}
	if v := entropy(g, got).Item(); math.Abs(v-want) > 1e-9 {
		t.Errorf("entropy %v, want %v", v, want)
	}
	soft := address(g, z, memory, 0).Data()
	for i := range rows {
		sum := 0.
		for _, v := range soft[i*patterns : (i+1)*patterns] {
			sum += v
		}
		if math.Abs(sum-1) > 1e-12 {
			t.Errorf("without a threshold, weights sum to %v", sum)
		}
	}
}

func TestGradients(t *testing.T) {
	z, memory := learntest.Normal(1, 5, 3), learntest.Normal(2, 6, 3)
	both := func(g *autograd.Graph[float64], in []*autograd.Tensor[float64]) *autograd.Tensor[float64] {
		w := address(g, in[0], in[1], 0.1)
		return g.Add(entropy(g, w), g.Sum(g.MatMul(w, in[1], false, false), false))
	}
	if err := autograd.GradCheck("memory", both, []*autograd.Tensor[float64]{z, memory}); err != nil {
		t.Error(err)
	}
}

func TestSizesThatDoNotFit(t *testing.T) {
	learntest.Refuses(t, learntest.Parts(1, 3, 0), "MemAE: ",
		&Detector{Side: 24, Channels: 8, Patterns: 5}, &Detector{Side: 32, Patterns: 5}, &Detector{Side: 32, Channels: 8})
}
