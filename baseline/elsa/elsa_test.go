package elsa

import (
	"context"
	"math"
	"slices"
	"testing"

	"anomem/autograd"
	"anomem/baseline"
	"anomem/baseline/internal/learn"
	"anomem/baseline/internal/learn/learntest"
	"anomem/imageio"
	"anomem/nn"
	"anomem/synthetic"
)

func small(steps int) *Detector {
	return &Detector{
		Side: 24, Width: 0.125, Batch: 16, Rate: 0.06, Tau: 0.5, Prototypes: 12,
		TuneBatch: 16, TuneRate: 2e-3, Check: 30, Views: 2, Steps: steps,
	}
}

// Known anomalies teach their kind.
func TestLearns(t *testing.T) {
	learntest.Learns(t, small, 60, learntest.Parts(1, 80, 20, synthetic.Object), learntest.Parts(2, 25, 25, synthetic.Object), 60, 70)
}

func TestTrains(t *testing.T) { learntest.Trains(t, small, 0) }

// Of normal images and known anomalies, by the definitions.
func TestLoss(t *testing.T) {
	const n, p, c, tau = 5, 4, 3, 0.9
	g := autograd.NewGraph[float64](nil)
	z, prototypes := learntest.Normal(1, n, c), g.L2Normalize(learntest.Normal(2, p, c), 0)
	normal := []bool{true, false, true, true, false}
	want := 0.
	for i := range n {
		sum := 0.
		for k := range p {
			dot, length := 0., 0.
			for j := range c {
				v := z.Data()[i*c+j]
				dot, length = dot+v*prototypes.Data()[k*c+j], length+v*v
			}
			sum += math.Exp(dot / math.Sqrt(length) / tau)
		}
		s := math.Log(sum)
		if normal[i] {
			want += 1 / s / n
		} else {
			want += 1 / (math.Log(p) + 1/tau - s) / n
		}
	}
	f := func(g *autograd.Graph[float64], in []*autograd.Tensor[float64]) *autograd.Tensor[float64] {
		return loss(g, in[0], prototypes, normal, tau)
	}
	in := []*autograd.Tensor[float64]{z}
	if got := f(autograd.NewGraph[float64](nil), in).Item(); math.Abs(got-want) > 1e-9 {
		t.Errorf("loss %v, want %v", got, want)
	}
	if err := autograd.GradCheck("loss", f, in); err != nil {
		t.Error(err)
	}
}

// What is kept is the best of all checks, with its own prototypes, and these have length 1. Of
// fewer images than prototypes some count twice.
func TestTuning(t *testing.T) {
	var images learn.Images
	for _, s := range learntest.Parts(1, 25, 0) {
		images.Normal = append(images.Normal, s.Image.Resize(24, 24))
	}
	d := small(1)
	if err := d.Fit(context.Background(), learntest.Parts(1, 9, 0), baseline.Options{Seed: 1}); err != nil {
		t.Fatal(err)
	}
	if rows := d.prototypes.Data(); !slices.Equal(rows[:projected], rows[9*projected:10*projected]) {
		t.Error("of nine images, the tenth prototype is not the first again")
	}
	for row := range slices.Chunk(d.prototypes.Data(), projected) {
		sum := 0.
		for _, v := range row {
			sum += float64(v) * float64(v)
		}
		if math.Abs(sum-1) > 1e-5 {
			t.Errorf("a prototype of length %v", math.Sqrt(sum))
		}
	}
	u := newTuning(d, d.net, &images, baseline.Options{Seed: 1})
	if len(u.held) != 3 || len(u.normal) != 22 || slices.ContainsFunc(u.held, func(m *imageio.Image) bool { return slices.Contains(u.normal, m) }) {
		t.Errorf("%d images to stop by, %d to train on", len(u.held), len(u.normal))
	}
	u.check()
	kept, first := slices.Clone(u.bestOnes.Data()), nn.Entries(d.net, "")[0].Tensor.Data()
	was := slices.Clone(first)
	for i := range first {
		first[i] = -first[i]
	}
	u.best = 2 // no later check is better
	for range refresh {
		u.check()
	}
	if slices.Equal(u.prototypes.Data(), kept) || !slices.Equal(u.bestOnes.Data(), kept) {
		t.Error("the prototypes were not formed anew, or the best were replaced")
	}
	if u.restore(); !slices.Equal(first, was) {
		t.Error("the best network is not back")
	}
}

func TestAbove(t *testing.T) {
	if got := above([]float32{1, 3}, []float32{2, 1}); got != 0.625 {
		t.Errorf("%v", got)
	}
}

func TestSettingsThatDoNotFit(t *testing.T) {
	for _, change := range []func(d *Detector){
		func(d *Detector) { d.Prototypes = 7 }, // exp(2) is 7.39
		func(d *Detector) { d.Tau = 0 },
		func(d *Detector) { d.Check = 0 },
		func(d *Detector) { d.Views = 0 },
	} {
		d := small(1)
		change(d)
		learntest.Refuses(t, learntest.Parts(1, 3, 0), "Elsa: ", d)
	}
	d := small(1)
	d.Prototypes = 8
	if err := d.Fit(context.Background(), learntest.Parts(1, 3, 0), baseline.Options{}); err != nil {
		t.Error(err)
	}
}
