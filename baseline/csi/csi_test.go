package csi

import (
	"math"
	"testing"

	"anomem/autograd"
	"anomem/baseline/internal/learn/learntest"
	"anomem/synthetic"
)

func small(steps int) *Detector {
	return &Detector{Side: 24, Width: 0.125, Batch: 6, Rate: 0.06, Tau: 0.5, Views: 2, Bank: 100, Steps: steps}
}

func TestLearns(t *testing.T) {
	learntest.Learns(t, small, 80, learntest.Parts(1, 120, 0), learntest.Parts(2, 25, 25, synthetic.Object), 75, 88)
}

func TestTrains(t *testing.T) { learntest.Trains(t, small, 0) }

// Of one image in its four turns and two views, by the definitions: the copies of another turn
// are negatives.
func TestLoss(t *testing.T) {
	const n, c, tau = 8, 5, 0.4
	z, logits := learntest.Normal(1, n, c), learntest.Normal(2, n, turns)
	cosine := func(i, j int) float64 {
		var dot, a, b float64
		for k := range c {
			x, y := z.Data()[i*c+k], z.Data()[j*c+k]
			dot, a, b = dot+x*y, a+x*x, b+y*y
		}
		return dot / math.Sqrt(a*b)
	}
	want := 0.
	for i := range n {
		total, all := 0., 0.
		for j := range n {
			if j != i {
				total += math.Exp(cosine(i, j) / tau)
			}
		}
		for k := range turns {
			all += math.Exp(logits.Data()[i*turns+k])
		}
		want -= (cosine(i, (i+4)%n)/tau - math.Log(total)) / n
		want -= (logits.Data()[i*turns+i%turns] - math.Log(all)) / n
	}
	f := func(g *autograd.Graph[float64], in []*autograd.Tensor[float64]) *autograd.Tensor[float64] {
		return contrastTurned(g, in[0], in[1], tau)
	}
	in := []*autograd.Tensor[float64]{z, logits}
	if got := f(autograd.NewGraph[float64](nil), in).Item(); math.Abs(got-want) > 1e-12 {
		t.Errorf("loss %v, want %v", got, want)
	}
	if err := autograd.GradCheck("loss", f, in); err != nil {
		t.Error(err)
	}
}

// Of two normal images with features in the plane, by the definition. Longer features and surer
// answers are more normal, and so are nearer directions.
func TestSurprise(t *testing.T) {
	rows := func(x, y float32) (all []float32) {
		for range turns {
			all = append(all, x, y)
		}
		return all
	}
	answers := func(v float32) []float32 {
		l := make([]float32, turns*turns)
		for t := range turns {
			l[t*turns+t] = v
		}
		return l
	}
	b := new(bank)
	b.add(rows(3, 0), answers(4))
	b.add(rows(0, 1), answers(8))
	b.balance(2) // the mean length is 2, the mean answer 6
	for _, c := range []struct {
		x, y, answer float32
		want         float64
	}{{3, 0, 6, -(1.5 + 1)}, {1, 0, 6, -(0.5 + 1)}, {-1, 2, 0, -1}, {-1, -1, 3, -(-0.5 + 0.5)}} {
		if got := b.surprise(rows(c.x, c.y), answers(c.answer)); math.Abs(got-c.want) > 1e-6 {
			t.Errorf("(%v, %v), answer %v: %v, want %v", c.x, c.y, c.answer, got, c.want)
		}
	}
	b = new(bank)
	b.add(rows(0, 0), answers(-1)) // a network that has learned nothing
	b.balance(1)
	if got := b.surprise(rows(1, 1), answers(1)); got != -1000 {
		t.Errorf("%v, want the answer over the least mean", got)
	}
}
