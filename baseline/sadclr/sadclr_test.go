package sadclr

import (
	"math"
	"slices"
	"testing"

	"anomem/autograd"
	"anomem/baseline"
	"anomem/baseline/internal/learn"
	"anomem/baseline/internal/learn/learntest"
	"anomem/imageio"
	"anomem/nn/rng"
	"anomem/synthetic"
)

func small(steps int) *Detector {
	return &Detector{Side: 24, Width: 0.125, Batch: 32, Rate: 0.05, Tau: 0.2, Weight: 1, Margin: 2, Known: 0.25, Turned: 0.25, Steps: steps}
}

// Known anomalies teach their kind.
func TestLearns(t *testing.T) {
	src, other := learntest.Parts(1, 80, 10, synthetic.Object), learntest.Parts(2, 30, 30, synthetic.Object)
	without, with := learntest.AUROC(t, small(60), src[:80], other), learntest.AUROC(t, small(60), src, other)
	t.Logf("AUROC %.1f without known anomalies, %.1f with ten", without, with)
	if with < 80 || with < without+20 {
		t.Errorf("AUROC %.1f without known anomalies, %.1f with ten", without, with)
	}
}

func TestSameBits(t *testing.T) {
	learntest.SameBits(t, func() baseline.Detector { return small(3) }, learntest.Parts(1, 9, 3, synthetic.Object))
}

func TestStops(t *testing.T) { learntest.Stops(t, small(0), learntest.Parts(1, 9, 0)) }

// Of three images in two views, by the definitions.
func TestLoss(t *testing.T) {
	const n, c, tau, weight, margin = 3, 4, 0.5, 0.7, 2.
	normal := []bool{true, false, true}
	r := rng.New(1)
	z := autograd.New[float64](2*n, c)
	for i := range z.Data() {
		z.Data()[i] = r.Norm() * []float64{0.1, 0.5, 1}[i/c%n] // hinges of either side
	}
	dot := func(i, j int) (sum float64) {
		for k := range c {
			sum += z.Data()[i*c+k] * z.Data()[j*c+k]
		}
		return sum
	}
	length := func(i int) float64 { return math.Sqrt(dot(i, i)) }
	want, active := 0., 0
	for i := range 2 * n {
		total := 0.
		for j := range 2 * n {
			if j != i {
				total += math.Exp(dot(i, j) / (length(i) * length(j) * tau))
			}
		}
		p := (i + n) % (2 * n)
		want -= (dot(i, p)/(length(i)*length(p)*tau) - math.Log(total)) / (2 * n)
		hinge := max(margin-length(i), 0)
		if normal[i%n] {
			hinge = max(length(i)-1/margin, 0)
		}
		if hinge > 0 {
			active++
		}
		want += weight * hinge / (2 * n)
	}
	if active < 3 || active == 2*n {
		t.Fatalf("%d of %d hinges count: the case is too easy", active, 2*n)
	}
	f := func(g *autograd.Graph[float64], in []*autograd.Tensor[float64]) *autograd.Tensor[float64] {
		return regularised(g, in[0], normal, tau, weight, margin)
	}
	in := []*autograd.Tensor[float64]{z}
	if got := f(autograd.NewGraph[float64](nil), in).Item(); math.Abs(got-want) > 1e-9 {
		t.Errorf("loss %v, want %v", got, want)
	}
	if err := autograd.GradCheck("loss", f, in); err != nil {
		t.Error(err)
	}
}

// A step has the shares of each kind, in this order, and turns the last.
func TestBatch(t *testing.T) {
	normal, known := []*imageio.Image{imageio.NewImage(1, 1), imageio.NewImage(1, 1)}, []*imageio.Image{imageio.NewImage(1, 1)}
	d := small(1)
	for _, anomalies := range [][]*imageio.Image{known, nil} {
		b := d.newBatch(&learn.Images{Normal: normal, Anomalous: anomalies}, 1)
		for step := range 3 {
			b.draw(step)
			for i, img := range b.rows {
				isKnown, isTurned := anomalies != nil && i >= 16 && i < 24, i >= 24
				if slices.Contains(known, img) != isKnown || (b.moves[i].Quarters > 0) != isTurned || b.normal[i] != (!isKnown && !isTurned) {
					t.Errorf("row %d: known %v, moved %+v, normal %v", i, slices.Contains(known, img), b.moves[i], b.normal[i])
				}
			}
		}
	}
}
