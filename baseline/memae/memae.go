// Package memae is MemAE of Gong et al. (ICCV 2019): an autoencoder that can rebuild images
// only from patterns in a memory, which it learns from normal ones.
package memae

import (
	"context"
	"fmt"
	"math"

	"anomem/baseline"
	"anomem/baseline/internal/learn"
	"anomem/dataset"
	"anomem/imageio"
	"anomem/nn"
	"anomem/nn/optim"
)

// Detector is the paper's autoencoder for CIFAR-10. The score is the mean squared error of
// the image that it rebuilds, of values from 0 to 1, and the map is the error of each pixel.
type Detector struct {
	Side      int     // of the squares that images are shrunk to, in pixels: a multiple of 16
	Channels  int     // of the first map; the last has four times as many
	Patterns  int     // in the memory
	Threshold float64 // λ: weights below are 0
	Entropy   float64 // α, the weight of the entropy in the loss
	Batch     int     // images of a step
	Rate      float64 // peak of the learning rate
	Steps     int     // of the training; 0: as many as fit the budget

	net     *network[float32]
	scoring learn.Scoring
}

// New returns a detector that is not fitted, of the paper's sizes.
func New() *Detector {
	return &Detector{Side: 32, Channels: 64, Patterns: 500, Threshold: 1. / 500, Entropy: 2e-4, Batch: 64, Rate: 1e-3}
}

// Name implements baseline.Detector.
func (*Detector) Name() string { return "MemAE" }

// Fit implements baseline.Detector. It uses normal images alone. It is an error if the side is
// no multiple of 16, or if there are no channels or patterns.
func (d *Detector) Fit(ctx context.Context, src dataset.Source, o baseline.Options) error {
	if d.Side < 1<<blocks || d.Side%(1<<blocks) != 0 || d.Channels < 1 || d.Patterns < 1 {
		return fmt.Errorf("baseline: %s: %d channels and %d patterns of images of %d×%d: want some, and a side that is a multiple of %d",
			d.Name(), d.Channels, d.Patterns, d.Side, d.Side, 1<<blocks)
	}
	images, err := learn.Read(ctx, d.Name(), src, d.Side, false)
	if err != nil {
		return err
	}
	net := newNetwork[float32](d.Channels, d.Patterns)
	nn.Init(net, o.Seed)
	order, picks := learn.NewOrder(o.Seed, "normal", len(images.Normal)), make([]int, d.Batch)
	rows := make([]*imageio.Image, d.Batch)
	t := learn.Training{
		Name: d.Name(), Update: optim.NewAdam(net, 0), Rate: d.Rate, Steps: d.Steps, WarmUp: 50, Budget: learn.Budget(o, 1),
		Loss: func(g *learn.Graph, step int) *learn.Tensor {
			order.Batch(picks, step)
			for i, k := range picks {
				rows[i] = images.Normal[k]
			}
			x := learn.Input(g, learn.Unit, d.Side, rows...)
			y, weights := net.Forward(g, x, d.Threshold)
			return g.Add(g.Mean(g.Square(g.Sub(y, x)), false), g.Scale(entropy(g, weights), float32(d.Entropy)))
		},
	}
	if err := t.Run(ctx, o.Pool, o.Note); err != nil {
		return err
	}
	nn.SetTraining(net, false)
	d.net = net
	return nil
}

// errors returns the squared error of each pixel's colour, a mean over its channels,
// [Side Side].
func (d *Detector) errors(img *imageio.Image) []float64 {
	if d.net == nil {
		learn.Unfitted(d.Name())
	}
	all := make([]float64, d.Side*d.Side)
	d.scoring.Do(func(g *learn.Graph) {
		x := learn.Input(g, learn.Unit, d.Side, img.Resize(d.Side, d.Side))
		y, _ := d.net.Forward(g, x, d.Threshold)
		for i, v := range y.Data() {
			off := float64(v) - float64(x.Data()[i])
			all[i/3] += float64(off*off) / 3
		}
	})
	return all
}

// Score implements baseline.Detector.
func (d *Detector) Score(img *imageio.Image) float64 {
	var sum float64
	for _, v := range d.errors(img) {
		sum += v
	}
	return sum / float64(d.Side*d.Side)
}

// Map returns the root of the mean squared error of each of the Side×Side pixels.
func (d *Detector) Map(img *imageio.Image) *imageio.Map {
	m := &imageio.Map{W: d.Side, H: d.Side, Value: make([]float32, d.Side*d.Side)}
	for i, v := range d.errors(img) {
		m.Value[i] = float32(math.Sqrt(v))
	}
	return m
}
