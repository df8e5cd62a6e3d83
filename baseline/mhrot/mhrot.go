// Package mhrot is the one-class detector of Hendrycks, Mazeika, Kadavath and Song (NeurIPS
// 2019), which is called MHRot, for "multi-head RotNet": a network that tells by how much an
// image was turned and shifted is unsure of images that are not normal.
package mhrot

import (
	"context"
	"fmt"

	"anomem/baseline"
	"anomem/baseline/internal/learn"
	"anomem/dataset"
	"anomem/imageio"
	"anomem/nn"
	"anomem/nn/optim"
)

// Detector is a ResNet-18 with a head for quarter turns, one for shifts up and down, and one
// for shifts to the left and right. The score is 1 less the mean probability that the heads
// give what was done to an image, over all 36 moves of it.
type Detector struct {
	Side  int     // of the squares that images are shrunk to, in pixels
	Width float64 // of the network, as a share of ResNet-18's channels
	Batch int     // images of a step, each turned four ways
	Rate  float64 // peak of the learning rate
	Steps int     // of the training; 0: as many as fit the budget

	net     *network[float32]
	scoring learn.Scoring
}

// New returns a detector that is not fitted, of a quarter of ResNet-18's channels on squares
// of 32 pixels.
func New() *Detector { return &Detector{Side: 32, Width: 0.25, Batch: 32, Rate: 0.1} }

// Name implements baseline.Detector.
func (*Detector) Name() string { return "MHRot" }

// Fit implements baseline.Detector. It uses normal images alone.
func (d *Detector) Fit(ctx context.Context, src dataset.Source, o baseline.Options) error {
	images, err := learn.Read(ctx, d.Name(), src, d.Side, false)
	if err != nil {
		return err
	}
	net, err := newNetwork[float32](d.Width)
	if err != nil {
		return fmt.Errorf("baseline: %s: %w", d.Name(), err)
	}
	nn.Init(net, o.Seed)
	order, picks := learn.NewOrder(o.Seed, "normal", len(images.Normal)), make([]int, d.Batch)
	views, rows := learn.NewViews(o.Seed, d.Side, learn.Mild(), learn.Norm), make([]*imageio.Image, d.Batch)
	plain := make([]float32, d.Batch*3*d.Side*d.Side)
	t := learn.Training{
		Name: d.Name(), Update: optim.NewSGD(net, 0.9, 5e-4), Rate: d.Rate, Steps: d.Steps, WarmUp: 100, Budget: learn.Budget(o, 1),
		Loss: func(g *learn.Graph, step int) *learn.Tensor {
			order.Batch(picks, step)
			for i, k := range picks {
				rows[i] = images.Normal[k]
			}
			views.Fill(o.Pool, plain, rows, step, 0)
			moves := learn.DrawMoves(o.Seed, "mhrot: moves", step, d.Batch)
			return learn.MoveLoss(g, net.Forward(g, learn.Moved(g, plain, d.Side, moves)), moves)
		},
	}
	if err := t.Run(ctx, o.Pool, o.Note); err != nil {
		return err
	}
	nn.SetTraining(net, false)
	d.net = net
	return nil
}

// Score implements baseline.Detector.
func (d *Detector) Score(img *imageio.Image) (score float64) {
	if d.net == nil {
		learn.Unfitted(d.Name())
	}
	d.scoring.Do(func(g *learn.Graph) {
		plain := learn.Input(g, learn.Norm, d.Side, img.Resize(d.Side, d.Side)).Data()
		moves := learn.Moves()
		score = learn.MoveSurprise(g, d.net.Forward(g, learn.Moved(g, plain, d.Side, moves)), moves)
	})
	return score
}

// Map implements baseline.Detector: it cannot say where.
func (*Detector) Map(*imageio.Image) *imageio.Map { return nil }
