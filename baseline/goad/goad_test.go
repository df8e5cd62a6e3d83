package goad

import (
	"math"
	"testing"

	"anomem/autograd"
	"anomem/baseline/internal/learn/learntest"
	"anomem/synthetic"
)

func small(steps int) *Detector {
	return &Detector{Side: 24, Width: 0.125, Batch: 2, Rate: 0.05, Margin: 0.1, Weight: 0.1, Steps: steps}
}

func TestLearns(t *testing.T) {
	learntest.Learns(t, small, 60, learntest.Parts(1, 60, 0), learntest.Parts(2, 25, 25, synthetic.Object), 80, 90)
}

func TestTrains(t *testing.T) { learntest.Trains(t, small, 0) }

// Of three images and four moves, by the definitions.
func TestLoss(t *testing.T) {
	const n, m, c, margin, weight = 3, 4, 5, 2.5, 0.3
	z, logits := learntest.Normal(1, n*m, c), learntest.Normal(2, n*m, m)
	row := func(i int) []float64 { return z.Data()[i*c : (i+1)*c] }
	square := func(a, b []float64) (sum float64) {
		for i, v := range a {
			sum += (v - b[i]) * (v - b[i])
		}
		return sum
	}
	centres := make([][]float64, m)
	for k := range centres {
		centres[k] = make([]float64, c)
		for i := range n {
			for j, v := range row(i*m + k) {
				centres[k][j] += v / n
			}
		}
	}
	want, active := 0., 0
	for i := range n * m {
		nearest, total := math.Inf(1), 0.
		for k := range m {
			if k != i%m {
				nearest = min(nearest, square(row(i), centres[k]))
			}
			total += math.Exp(logits.Data()[i*m+k])
		}
		if l := square(row(i), centres[i%m]) + margin - nearest; l > 0 {
			want += weight * l / (n * m)
			active++
		}
		want -= (logits.Data()[i*m+i%m] - math.Log(total)) / (n * m)
	}
	if active == 0 || active == n*m {
		t.Fatalf("%d of %d triplets count: the case is too easy", active, n*m)
	}
	f := func(g *autograd.Graph[float64], in []*autograd.Tensor[float64]) *autograd.Tensor[float64] {
		return loss(g, in[0], in[1], n, margin, weight)
	}
	learntest.Loss(t, f, want, 1e-9, z, logits) // 1e6 is added and taken away
}

func TestSurprise(t *testing.T) {
	const m, c = 4, 3
	narrow := func(x *autograd.Tensor[float64]) *autograd.Tensor[float32] {
		y := autograd.New[float32](m, c)
		for i, v := range x.Data() {
			y.Data()[i] = float32(v)
		}
		return y
	}
	z, centres := learntest.Normal(1, m, c), learntest.Normal(2, m, c)
	want := 0.
	for i := range m {
		var p [m]float64
		total := 0.
		for k := range m {
			d := 0.
			for j := range c {
				off := z.Data()[i*c+j] - centres.Data()[k*c+j]
				d += off * off
			}
			p[k] = math.Exp(-d)
			total += p[k]
		}
		want -= math.Log(p[i]/total) / m
	}
	if got := surprise(autograd.NewGraph[float32](nil), narrow(z), narrow(centres)); math.Abs(got-want) > 1e-5 {
		t.Errorf("%v, want %v", got, want)
	}
}
