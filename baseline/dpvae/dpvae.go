// Package dpvae is DP-VAE of Daniel, Kurutach and Tamar (2019): a variational autoencoder with one
// prior for normal images and another for known anomalies.
package dpvae

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

// Detector is a variational autoencoder. The score is the divergence of an image's latent
// distribution from the prior of normal images.
type Detector struct {
	Side     int     // of the squares that images are shrunk to, in pixels: a multiple of 8
	Channels int     // of the first map; the others have two and four times as many
	Latent   int     // dimensions of the latent space
	Prior    float64 // α, the mean of known anomalies' prior in each dimension; normal images' is 0
	Weight   float64 // β, of the divergences beside the squared errors
	Batch    int     // normal images of a step, and as many known anomalies if there are any
	Rate     float64 // peak of the learning rate
	Steps    int     // of the training; 0: as many as fit the budget

	net     *coder.Pair[float32]
	scoring learn.Scoring
}

// New returns a detector that is not fitted.
func New() *Detector {
	return &Detector{Side: 32, Channels: 32, Latent: 64, Prior: 3, Weight: 0.5, Batch: 64, Rate: 1e-3}
}

// Name implements baseline.Detector.
func (*Detector) Name() string { return "DP-VAE" }

// blocks is the number of convolutions of each half.
const blocks = 3

// Fit implements baseline.Detector. It uses the known anomalies of src, if there are any. It is an
// error if a size does not fit.
func (d *Detector) Fit(ctx context.Context, src dataset.Source, o baseline.Options) error {
	shape := coder.Shape{Side: d.Side, Channels: d.Channels, Blocks: blocks}
	if err := shape.Check(d.Name()); err != nil {
		return err
	}
	if d.Latent < 1 {
		return fmt.Errorf("baseline: %s: %d latent dimensions: want some", d.Name(), d.Latent)
	}
	images, err := learn.Read(ctx, d.Name(), src, d.Side, true)
	if err != nil {
		return err
	}
	net := coder.NewVariational[float32](shape, d.Latent)
	nn.Init(net, o.Seed)
	b := branch{Detector: d, net: net, seed: o.Seed}
	normal, known := b, b
	normal.take("normal", images.Normal, net.Decoder, 0)
	if len(images.Anomalous) > 0 {
		known.take("anomalous", images.Anomalous, net.Decoder.Frozen(), d.Prior)
	}
	t := learn.Training{
		Name: d.Name(), Update: optim.NewAdam(net, 0), Rate: d.Rate, Steps: d.Steps, WarmUp: 50, Budget: learn.Budget(o, 1),
		Loss: func(g *learn.Graph, step int) *learn.Tensor {
			l := normal.loss(g, step)
			if known.order != nil {
				l = g.Add(l, known.loss(g, step))
			}
			return l
		},
	}
	if err := t.Run(ctx, o.Pool, o.Note); err != nil {
		return err
	}
	nn.SetTraining(net, false)
	d.net = net
	return nil
}

// branch is the half of a step that sees normal images, or known anomalies.
type branch struct {
	*Detector
	net     *coder.Pair[float32]
	seed    uint64
	name    string
	images  []*imageio.Image
	order   *learn.Order // nil: there are no images
	decoder *coder.Decoder[float32]
	prior   float64
}

func (b *branch) take(name string, images []*imageio.Image, decoder *coder.Decoder[float32], prior float64) {
	b.name, b.images, b.decoder, b.prior = name, images, decoder, prior
	b.order = learn.NewOrder(b.seed, name, len(images))
}

// loss returns that of a step's images.
func (b *branch) loss(g *learn.Graph, step int) *learn.Tensor {
	picks, rows := make([]int, b.Batch), make([]*imageio.Image, b.Batch)
	b.order.Batch(picks, step)
	for i, k := range picks {
		rows[i] = b.images[k]
	}
	x := learn.Input(g, learn.Unit, b.Side, rows...)
	mean, logs := coder.Split(g, b.net.Encoder.Forward(g, x))
	z := coder.Draw(g, mean, logs, coder.Noise[float32](g, b.seed, "dpvae: "+b.name, step, b.Batch, b.Latent))
	return coder.Bound(g, x, b.decoder.Forward(g, z), mean, logs, b.prior, b.Weight)
}

// Score implements baseline.Detector.
func (d *Detector) Score(img *imageio.Image) (score float64) {
	if d.net == nil {
		learn.Unfitted(d.Name())
	}
	d.scoring.Do(func(g *learn.Graph) {
		mean, logs := coder.Split(g, d.net.Encoder.Forward(g, learn.Input(g, learn.Unit, d.Side, img.Resize(d.Side, d.Side))))
		score = float64(coder.Divergence(g, mean, logs, 0).Data()[0])
	})
	return score
}

// Map implements baseline.Detector: it cannot say where.
func (*Detector) Map(*imageio.Image) *imageio.Map { return nil }
