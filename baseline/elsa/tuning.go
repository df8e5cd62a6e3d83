package elsa

import (
	"context"

	"anomem/autograd"
	"anomem/baseline"
	"anomem/baseline/internal/clusters"
	"anomem/baseline/internal/learn"
	"anomem/imageio"
	"anomem/nn"
	"anomem/nn/optim"
	"anomem/train/augment"
)

// tuning is the second stage: it changes the features so that the energy of normal images falls.
// It stops early, in hindsight: what counts is the network and the prototypes that told normal
// images best from the same ones strongly changed.
type tuning struct {
	*Detector
	options    baseline.Options
	net        nn.Sequential[float32]
	normal     []*imageio.Image // whose features the prototypes are of
	all        []*imageio.Image // trained on, the normal ones first
	held       []*imageio.Image // normal, to stop by
	known      int              // the first of all that is a known anomaly
	prototypes *learn.Tensor    // [P 128]

	best      float64 // AUROC of the best so far
	restore   func()
	bestOnes  *learn.Tensor
	checks    int
	measuring *learn.Graph
}

// Of the normal images each heldEach-th is to stop by, but no more than mostHeld, and none of few.
const (
	heldEach  = 10
	mostHeld  = 256
	fewImages = 2 * heldEach
)

func newTuning(d *Detector, net nn.Sequential[float32], images *learn.Images, o baseline.Options) *tuning {
	t := &tuning{Detector: d, options: o, net: net, best: -1, measuring: autograd.NewGraph[float32](o.Pool)}
	for i, img := range images.Normal {
		if len(images.Normal) >= fewImages && i%heldEach == 0 && len(t.held) < mostHeld {
			t.held = append(t.held, img)
		} else {
			t.normal = append(t.normal, img)
		}
	}
	if len(t.held) == 0 {
		t.held = t.normal
	}
	t.known = len(t.normal)
	t.all = append(append(t.all, t.normal...), images.Anomalous...)
	return t
}

// run makes the steps, and leaves the best network in evaluation mode.
func (t *tuning) run(ctx context.Context) error {
	order := learn.NewOrder(t.options.Seed, "tune", len(t.all))
	views := learn.NewViews(t.options.Seed, t.Side, scoredViews(t.Side), learn.Norm)
	picks, rows, normal := make([]int, t.TuneBatch), make([]*imageio.Image, 2*t.TuneBatch), make([]bool, 2*t.TuneBatch)
	second := learn.Training{
		Name: t.Name() + ", energy", Update: optim.NewAdam(t.net, 0), Rate: t.TuneRate, Steps: t.Steps, WarmUp: 50,
		Budget: learn.Budget(t.options, 0.3),
		Loss: func(g *learn.Graph, step int) *learn.Tensor {
			if step%t.Check == 0 {
				t.check()
			}
			order.Batch(picks, step)
			for i, k := range picks {
				rows[i], rows[i+len(picks)] = t.all[k], t.all[k]
				normal[i], normal[i+len(picks)] = k < t.known, k < t.known
			}
			x := g.NewTensor(len(rows), t.Side, t.Side, 3)
			views.Fill(t.options.Pool, x.Data(), rows, step, 3)
			return loss(g, t.net.Forward(g, x), t.prototypes, normal, t.Tau)
		},
	}
	if err := second.Run(ctx, t.options.Pool, t.options.Note); err != nil {
		return err
	}
	t.check()
	t.restore()
	t.prototypes = t.bestOnes
	nn.SetTraining(t.net, false)
	return nil
}

// scoredViews returns the changes of views that are trained on and scored.
func scoredViews(side int) augment.Options {
	o := learn.Strong(side)
	o.CropArea = [2]float64{scored, scored}
	return o
}

// refresh is the number of checks after which the prototypes are formed anew.
const refresh = 3

// check keeps the network and the prototypes if they are the best so far, and forms new
// prototypes where it is time.
func (t *tuning) check() {
	nn.SetTraining(t.net, false)
	defer nn.SetTraining(t.net, true)
	if t.checks == 0 {
		t.form()
	}
	if share := t.told(); share > t.best {
		t.best, t.restore, t.bestOnes = share, learn.Snapshot(t.net), t.prototypes
	}
	if t.checks++; t.checks%refresh == 0 {
		t.form()
	}
}

// Prototypes are those of mostFormed normal images, evenly spaced, or of as many as there are, and
// move as often as in the authors' code.
const (
	mostFormed = 1024
	moves      = 10
)

// form sets the prototypes to the centres of normal images' features by spherical k-means. Where
// these are fewer than P, they count several times.
func (t *tuning) form() {
	n := min(len(t.normal), mostFormed)
	some := make([]*imageio.Image, n)
	for i := range some {
		some[i] = t.normal[i*len(t.normal)/n]
	}
	var rows []float32
	learn.Chunked(t.measuring, some, func(g *learn.Graph, some []*imageio.Image) {
		z := t.net.Forward(g, learn.Input(g, learn.Norm, t.Side, some...))
		rows = append(rows, g.L2Normalize(z, shortest).Data()...)
	})
	centres := clusters.Spherical(rows, projected, t.Detector.Prototypes, moves, t.options.Seed)
	t.prototypes = autograd.New[float32](t.Detector.Prototypes, projected)
	for i := range t.prototypes.Data() {
		t.prototypes.Data()[i] = centres[i%len(centres)]
	}
}

// distorted returns changes that make a normal image anomalous.
func distorted(side int) augment.Options {
	o := scoredViews(side)
	o.Jitter, o.Brightness, o.Contrast, o.Saturation, o.Hue = 1, 0.9, 0.9, 0.9, 0.5
	o.Blur, o.BlurSigma, o.Noise = 0.5, [2]float64{0.5, 2}, 0.1
	return o
}

// told returns the AUROC of the energy between views of the images to stop by, as they are
// scored and strongly changed.
func (t *tuning) told() float64 {
	var likely [2][]float32
	for k, o := range []augment.Options{scoredViews(t.Side), distorted(t.Side)} {
		views := learn.NewViews(t.options.Seed, t.Side, o, learn.Norm)
		step := 0
		learn.Chunked(t.measuring, t.held, func(g *learn.Graph, some []*imageio.Image) {
			x := g.NewTensor(len(some), t.Side, t.Side, 3)
			views.Fill(t.options.Pool, x.Data(), some, step, 4)
			step++
			likely[k] = append(likely[k], likeness(g, t.net.Forward(g, x), t.prototypes, t.Tau).Data()...)
		})
	}
	return above(likely[0], likely[1])
}

// above returns the share of pairs of a and b in which a's number is the larger one; a tie counts
// as half.
func above(a, b []float32) (share float64) {
	for _, x := range a {
		for _, y := range b {
			switch {
			case x > y:
				share++
			case x == y:
				share += 0.5
			}
		}
	}
	return share / float64(len(a)*len(b))
}
