package sadclr

import (
	"math"
	"slices"
	"testing"

	"anomem/autograd"
	"anomem/baseline/internal/learn"
	"anomem/baseline/internal/learn/learntest"
	"anomem/imageio"
	"anomem/synthetic"
)

func small(steps int) *Detector {
	return &Detector{Side: 24, Width: 0.125, Batch: 32, Rate: 0.05, Tau: 0.2, Weight: 1, Margin: 2, Known: 0.25, Turned: 0.25, Steps: steps}
}

// Known anomalies teach their kind.
func TestLearns(t *testing.T) {
	src, other := learntest.Parts(1, 80, 10, synthetic.Object), learntest.Parts(2, 30, 30, synthetic.Object)
	with := learntest.Learns(t, small, 60, src, other, 60, 80)
	if without := learntest.AUROC(t, small(60), src[:80], other); with < without+20 {
		t.Errorf("AUROC %.1f without known anomalies, %.1f with ten", without, with)
	}
}

func TestTrains(t *testing.T) { learntest.Trains(t, small, 0) }

// Of three images in two views, by the definitions.
func TestLoss(t *testing.T) {
	const n, c, tau, weight, margin = 3, 4, 0.5, 0.7, 2.
	normal := []bool{true, false, true}
	z := learntest.Normal(1, 2*n, c)
	for i := range z.Data() {
		z.Data()[i] *= []float64{0.1, 0.5, 1}[i/c%n] // hinges of either side
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
	learntest.Loss(t, f, want, 1e-9, z)
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
