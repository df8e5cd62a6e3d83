// Package elsa is Elsa of Han, Song, Lee, Park and Cha (BMVC 2021): contrasted features that are
// gathered around spherical prototypes by an energy, and driven from them where anomalies are
// known.
package elsa

import (
	"context"
	"fmt"

	"anomem/baseline"
	"anomem/baseline/internal/learn"
	"anomem/dataset"
	"anomem/imageio"
	"anomem/nn"
	"anomem/nn/optim"
	"anomem/resnet"
)

// Detector is a ResNet-18 with a head of two layers and prototypes of its features. The score is
// the energy of an image's features, which is low where they are near to a prototype.
type Detector struct {
	Side       int     // of the squares that images are shrunk to, in pixels
	Width      float64 // of the network, as a share of ResNet-18's channels
	Batch      int     // images of a step of the first stage, each in two views
	Rate       float64 // peak of its learning rate
	Tau        float64 // τ, the temperature of both stages
	Prototypes int     // P, more than exp(1/τ)
	TuneBatch  int     // images of a step of the second stage, each in two views
	TuneRate   float64 // peak of its learning rate
	Check      int     // steps of it between looks at the images that it may stop by
	Views      int     // of an image that is scored
	Steps      int     // of each stage; 0: as many as fit their shares of the budget

	net        nn.Sequential[float32]
	prototypes *learn.Tensor // [P 128], of length 1
	seed       uint64
	scoring    learn.Scoring
}

// New returns a detector that is not fitted, of a quarter of ResNet-18's channels on squares of 32
// pixels.
func New() *Detector {
	return &Detector{
		Side: 32, Width: 0.25, Batch: 128, Rate: 0.12, Tau: 0.5, Prototypes: 100,
		TuneBatch: 64, TuneRate: 1e-4, Check: 20, Views: 10,
	}
}

// Name implements baseline.Detector.
func (*Detector) Name() string { return "Elsa" }

// Fit implements baseline.Detector. It uses the known anomalies of src, if there are any. It is an
// error if there are too few prototypes for the temperature.
func (d *Detector) Fit(ctx context.Context, src dataset.Source, o baseline.Options) error {
	if !(d.Tau > 0) || float64(d.Prototypes) <= fewest(d.Tau) || d.Check < 1 || d.Views < 1 {
		return fmt.Errorf("baseline: %s: %d prototypes at the temperature %g, a check each %d steps, %d views: want more than exp(1/temperature) prototypes, and some of the others",
			d.Name(), d.Prototypes, d.Tau, d.Check, d.Views)
	}
	images, err := learn.Read(ctx, d.Name(), src, d.Side, true)
	if err != nil {
		return err
	}
	encoder, err := resnet.New[float32](resnet.Config{Depth: 18, Stem: resnet.Small, Width: d.Width})
	if err != nil {
		return fmt.Errorf("baseline: %s: %w", d.Name(), err)
	}
	c := encoder.Config().StageChannels()[3]
	net := nn.NewSequential[float32](encoder, nn.NewMLP[float32](c, c, projected))
	nn.Init(net, o.Seed)
	first := learn.Training{
		Name: d.Name() + ", contrast", Update: optim.NewSGD(net, 0.9, 1e-4), Rate: d.Rate, Steps: d.Steps, WarmUp: 100,
		Budget: learn.Budget(o, 0.6), Loss: learn.Contrast(net, images.Normal, d.Side, d.Batch, d.Tau, o),
	}
	if err := first.Run(ctx, o.Pool, o.Note); err != nil {
		return err
	}
	t := newTuning(d, net, images, o)
	if err := t.run(ctx); err != nil {
		return err
	}
	d.net, d.prototypes, d.seed = net, t.prototypes, o.Seed
	return nil
}

// projected is the number of features.
const projected = 128

// scored is the area of the views that are scored, as in the authors' evaluation.
const scored = 0.54

// Score implements baseline.Detector: the energy of the mean of the features of several views.
func (d *Detector) Score(img *imageio.Image) (score float64) {
	if d.net == nil {
		learn.Unfitted(d.Name())
	}
	img = img.Resize(d.Side, d.Side)
	images := make([]*imageio.Image, d.Views)
	for i := range images {
		images[i] = img
	}
	d.scoring.Do(func(g *learn.Graph) {
		x := g.NewTensor(d.Views, d.Side, d.Side, 3)
		learn.NewViews(d.seed, d.Side, scoredViews(d.Side), learn.Norm).Fill(g.Pool(), x.Data(), images, 0, 2)
		z := g.Mean(d.net.Forward(g, x), true, 0)
		score = -float64(likeness(g, z, d.prototypes, d.Tau).Data()[0])
	})
	return score
}

// Map implements baseline.Detector: it cannot say where.
func (*Detector) Map(*imageio.Image) *imageio.Map { return nil }
