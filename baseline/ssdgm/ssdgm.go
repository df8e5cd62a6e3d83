// Package ssdgm is SS-DGM of Kingma, Rezende, Mohamed and Welling (NeurIPS 2014): a generative model of
// images with a label, of the features of another, M1 + M2.
package ssdgm

import (
	"context"
	"fmt"

	"anomem/baseline"
	"anomem/baseline/internal/coder"
	"anomem/baseline/internal/learn"
	"anomem/dataset"
	"anomem/imageio"
	"anomem/nn"
	"anomem/nn/optim"
)

// Detector is a variational autoencoder of images, M1, and one of its features with the label "normal"
// or "anomalous", M2, of which the score is the logarithm of the ratio of the labels' probabilities.
type Detector struct {
	Side     int     // of the squares that images are shrunk to, in pixels: a multiple of 8
	Channels int     // of the first map; the others have two and four times as many
	Features int     // dimensions of M1's latent space, z₁
	Latent   int     // dimensions of M2's, z₂
	Hidden   int     // units of the hidden layers of M2
	Weight   float64 // β, of M1's divergence beside the squared errors
	Alpha    float64 // α, of the classifier's own loss
	Batch    int     // images of a step of M1, and of each kind of a step of M2
	Rate     float64 // peak of the learning rate
	Steps    int     // of each training; 0: as many as fit their shares of the budget

	first   *coder.Pair[float32]
	second  *labelled[float32]
	scoring learn.Scoring
}

// New returns a detector that is not fitted.
func New() *Detector {
	return &Detector{Side: 32, Channels: 32, Features: 50, Latent: 50, Hidden: 300, Weight: 0.1, Alpha: 10, Batch: 64, Rate: 1e-3}
}

// Name implements baseline.Detector.
func (*Detector) Name() string { return "SS-DGM" }

// blocks is the number of convolutions of each half of M1.
const blocks = 3

// Fit implements baseline.Detector. It is an error if src has no known anomaly, or a size does not
// fit.
func (d *Detector) Fit(ctx context.Context, src dataset.Source, o baseline.Options) error {
	shape := coder.Shape{Side: d.Side, Channels: d.Channels, Blocks: blocks}
	if err := shape.Check(d.Name()); err != nil {
		return err
	}
	if d.Features < 1 || d.Latent < 1 || d.Hidden < 1 {
		return fmt.Errorf("baseline: %s: %d features, %d latent dimensions, %d hidden units: want some of each", d.Name(), d.Features, d.Latent, d.Hidden)
	}
	images, err := learn.Read(ctx, d.Name(), src, d.Side, true)
	if err != nil {
		return err
	}
	if len(images.Anomalous) == 0 {
		return fmt.Errorf("baseline: %s: no known anomaly: it needs some", d.Name())
	}
	first, second := coder.NewVariational[float32](shape, d.Features), newLabelled[float32](d.Features, d.Latent, d.Hidden)
	nn.Init(first, o.Seed)
	nn.Init(second, o.Seed)
	if err := d.trainFirst(ctx, first, images.All(), o); err != nil {
		return err
	}
	nn.SetTraining(first, false)
	if err := d.trainSecond(ctx, first, second, images, o); err != nil {
		return err
	}
	d.first, d.second = first, second
	return nil
}

// trainFirst trains M1 by images without labels.
func (d *Detector) trainFirst(ctx context.Context, m *coder.Pair[float32], all []*imageio.Image, o baseline.Options) error {
	draw := newDraws(d, all, o.Seed, "all")
	t := learn.Training{
		Name: d.Name() + ", M1", Update: optim.NewAdam(m, 0), Rate: d.Rate, Steps: d.Steps, WarmUp: 50, Budget: learn.Budget(o, 0.5),
		Loss: func(g *learn.Graph, step int) *learn.Tensor {
			x, noise := draw.images(g, step)
			mean, logs := coder.Split(g, m.Encoder.Forward(g, x))
			return coder.Bound(g, x, m.Decoder.Forward(g, coder.Draw(g, mean, logs, noise)), mean, logs, 0, d.Weight)
		},
	}
	return t.Run(ctx, o.Pool, o.Note)
}

// trainSecond trains M2 by features of M1, which stays as it is. A step sees normal images and known
// anomalies with their labels, and as many normal images without.
func (d *Detector) trainSecond(ctx context.Context, m *coder.Pair[float32], l *labelled[float32], images *learn.Images, o baseline.Options) error {
	normal, known, free := newDraws(d, images.Normal, o.Seed, "normal"), newDraws(d, images.Anomalous, o.Seed, "anomalous"), newDraws(d, images.Normal, o.Seed, "unlabelled")
	class := make([]int, 2*d.Batch)
	for i := range d.Batch {
		class[d.Batch+i] = anomalous
	}
	t := learn.Training{
		Name: d.Name() + ", M2", Update: optim.NewAdam(l, 0), Rate: d.Rate, Steps: d.Steps, WarmUp: 50, Budget: learn.Budget(o, 0.4),
		Loss: func(g *learn.Graph, step int) *learn.Tensor {
			z := g.Concat(0, normal.features(g, m, step), known.features(g, m, step))
			noise := func(name string, n int) *learn.Tensor {
				return coder.Noise[float32](g, o.Seed, "ssdgm: z2, "+name, step, n, d.Latent)
			}
			with := l.labelledLoss(g, z, class, noise("labelled", 2*d.Batch), d.Alpha)
			without := l.unlabelledLoss(g, free.features(g, m, step), noise("normal", d.Batch), noise("anomalous", d.Batch))
			return g.Add(with, without)
		},
	}
	return t.Run(ctx, o.Pool, o.Note)
}

// draws are the images of steps, with noise for their features.
type draws struct {
	*Detector
	all   []*imageio.Image
	seed  uint64
	name  string
	order *learn.Order
	picks []int
	rows  []*imageio.Image
}

func newDraws(d *Detector, all []*imageio.Image, seed uint64, name string) *draws {
	return &draws{d, all, seed, name, learn.NewOrder(seed, name, len(all)), make([]int, d.Batch), make([]*imageio.Image, d.Batch)}
}

// images returns the images of a step, [Batch Side Side 3], and noise, [Batch Features].
func (s *draws) images(g *learn.Graph, step int) (x, noise *learn.Tensor) {
	s.order.Batch(s.picks, step)
	for i, k := range s.picks {
		s.rows[i] = s.all[k]
	}
	return learn.Input(g, learn.Unit, s.Side, s.rows...), coder.Noise[float32](g, s.seed, "ssdgm: z1, "+s.name, step, s.Batch, s.Features)
}

// features returns draws of M1's latent distributions of a step's images, without a gradient.
func (s *draws) features(g *learn.Graph, m *coder.Pair[float32], step int) (z *learn.Tensor) {
	g.NoGrad(func() {
		x, noise := s.images(g, step)
		mean, logs := coder.Split(g, m.Encoder.Forward(g, x))
		z = coder.Draw(g, mean, logs, noise)
	})
	return z
}

// Score implements baseline.Detector.
func (d *Detector) Score(img *imageio.Image) (score float64) {
	if d.second == nil {
		learn.Unfitted(d.Name())
	}
	d.scoring.Do(func(g *learn.Graph) {
		x := learn.Input(g, learn.Unit, d.Side, img.Resize(d.Side, d.Side))
		mean, _ := coder.Split(g, d.first.Encoder.Forward(g, x))
		logits := d.second.classify.Forward(g, mean).Data()
		score = float64(logits[anomalous]) - float64(logits[normal])
	})
	return score
}

// Map implements baseline.Detector: it cannot say where.
func (*Detector) Map(*imageio.Image) *imageio.Map { return nil }
