// Package piad is PIAD of Tuluptceva, Bakker, Fedulova and Konushin (2019): a generator and an encoder
// that each try to deceive a critic, and an image's distance from what they make of it, by the
// features of a network.
package piad

import (
	"context"
	"fmt"

	"anomem/baseline"
	"anomem/baseline/internal/coder"
	"anomem/baseline/internal/features"
	"anomem/baseline/internal/learn"
	"anomem/dataset"
	"anomem/imageio"
	"anomem/nn"
)

// Config holds the parameters of a detector.
type Config struct {
	Encoder  string  `json:"encoder"`  // whose features compare images: a ResNet in safetensors, or an anomem model; "": an untrained network
	Stage    int     `json:"stage"`    // of it, 1 to 4
	Side     int     `json:"side"`     // of the squares that images are shrunk to, in pixels: a multiple of 8
	Channels int     `json:"channels"` // of the first map; the others have two and four times as many
	Latent   int     `json:"latent"`   // dimensions of the latent space
	Critics  int     `json:"critics"`  // steps of the critics for each of the others
	Balance  int     `json:"balance"`  // steps between measurements of the losses' weights
	Batch    int     `json:"batch"`    // images of a step
	Rate     float64 `json:"rate"`     // peak of the learning rate
	Steps    int     `json:"steps"`    // of the training; 0: as many as fit the budget
}

// Default returns the configuration of the registry's detector.
func Default() Config {
	return Config{Stage: 1, Side: 32, Channels: 32, Latent: 64, Critics: 2, Balance: 50, Batch: 32, Rate: 5e-4}
}

// Detector scores images by how much of their features a generator cannot make anew. Its Config
// may be changed until Fit.
type Detector struct {
	Config Config

	using   Config // when it was fitted
	net     *coder.Pair[float32]
	metric  *perceptual
	scoring learn.Scoring
}

// New returns a detector that is not fitted.
func New(c Config) *Detector { return &Detector{Config: c} }

// Name implements baseline.Detector.
func (d *Detector) Name() string { return features.Name("PIAD", d.Config.Encoder) }

// Settings implements baseline.Configurable.
func (d *Detector) Settings() any { return &d.Config }

// blocks is the number of convolutions of each network.
const blocks = 3

// Fit implements baseline.Detector. It uses normal images alone. It is an error if a field of Config
// is out of range, or the encoder's file cannot be used.
func (d *Detector) Fit(ctx context.Context, src dataset.Source, o baseline.Options) error {
	c := d.Config
	if err := (coder.Shape{Side: c.Side, Channels: c.Channels, Blocks: blocks}).Check(d.Name()); err != nil {
		return err
	}
	if c.Stage < 1 || c.Stage > 4 || c.Latent < 1 || c.Critics < 1 || c.Balance < 1 || c.Batch < 1 {
		return fmt.Errorf("baseline: %s: stage %d, %d latent dimensions, %d steps of critics, %d between balances, batches of %d: want stage 1 to 4, and some of the others",
			d.Name(), c.Stage, c.Latent, c.Critics, c.Balance, c.Batch)
	}
	net, norm, _, err := features.Network(d.Name(), c.Encoder, o)
	if err != nil {
		return err
	}
	images, err := learn.Read(ctx, d.Name(), src, c.Side, false)
	if err != nil {
		return err
	}
	t := newTraining(c, images.Normal, newPerceptual(net, norm, c.Stage), o)
	run := learn.Training{
		Name: d.Name(), Update: t.adam, Rate: c.Rate, Steps: c.Steps, WarmUp: 50, Budget: learn.Budget(o, 0.95), Loss: t.loss,
	}
	if err := run.Run(ctx, o.Pool, o.Note); err != nil {
		return err
	}
	nn.SetTraining(t.net, false)
	d.using, d.net, d.metric = c, t.net, t.metric
	return nil
}

// Score implements baseline.Detector.
func (d *Detector) Score(img *imageio.Image) float64 {
	m := d.Map(img)
	sum := 0.
	for _, v := range m.Value {
		sum += float64(v)
	}
	return sum / float64(len(m.Value))
}

// Map returns the deviation of each position of the network's map.
func (d *Detector) Map(img *imageio.Image) (m *imageio.Map) {
	if d.net == nil {
		learn.Unfitted(d.Name())
	}
	d.scoring.Do(func(g *learn.Graph) {
		x := learn.Input(g, learn.Unit, d.using.Side, img.Resize(d.using.Side, d.using.Side))
		y := d.net.Decoder.Forward(g, d.net.Encoder.Forward(g, x))
		far := deviations(g, d.metric.features(g, x), d.metric.features(g, y))
		m = &imageio.Map{W: far.Dim(2), H: far.Dim(1), Value: append([]float32(nil), far.Data()...)}
	})
	return m
}
