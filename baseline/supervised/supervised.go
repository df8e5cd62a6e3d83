// Package supervised tells known anomalies from normal images by a ResNet that is trained
// with cross-entropy, in batches that hold as many of both.
package supervised

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

// Detector is a ResNet-18 with two outputs. The score is the logit of "anomalous" less that
// of "normal": the logarithm of the ratio of their probabilities.
type Detector struct {
	Side  int     // of the squares that images are shrunk to, in pixels
	Width float64 // of the network, as a share of ResNet-18's channels
	Batch int     // images of a step
	Rate  float64 // peak of the learning rate
	Steps int     // of the training; 0: as many as fit the budget

	net     *resnet.ResNet[float32]
	scoring learn.Scoring
}

// New returns a detector that is not fitted, of a quarter of ResNet-18's channels on squares
// of 32 pixels.
func New() *Detector { return &Detector{Side: 32, Width: 0.25, Batch: 64, Rate: 0.1} }

// Name implements baseline.Detector.
func (*Detector) Name() string { return "supervised" }

// Fit implements baseline.Detector. It is an error if src has no known anomaly.
func (d *Detector) Fit(ctx context.Context, src dataset.Source, o baseline.Options) error {
	images, err := learn.Read(ctx, d.Name(), src, d.Side, true)
	if err != nil {
		return err
	}
	if len(images.Anomalous) == 0 {
		return fmt.Errorf("baseline: %s: no known anomaly: it needs some", d.Name())
	}
	net, err := resnet.New[float32](resnet.Config{Depth: 18, Stem: resnet.Small, Width: d.Width, Classes: 2})
	if err != nil {
		return fmt.Errorf("baseline: %s: %w", d.Name(), err)
	}
	nn.Init(net, o.Seed)
	half := max(1, d.Batch/2)
	normal, anomalous := learn.NewOrder(o.Seed, "normal", len(images.Normal)), learn.NewOrder(o.Seed, "anomalous", len(images.Anomalous))
	picks, rows, class := make([]int, half), make([]*imageio.Image, 2*half), make([]int, 2*half)
	for i := range half {
		class[half+i] = 1
	}
	views := learn.NewViews(o.Seed, d.Side, learn.Mild(), learn.Norm)
	t := learn.Training{
		Name: d.Name(), Update: optim.NewSGD(net, 0.9, 5e-4), Rate: d.Rate, Steps: d.Steps, WarmUp: 100, Budget: learn.Budget(o, 1),
		Loss: func(g *learn.Graph, step int) *learn.Tensor {
			normal.Batch(picks, step)
			for i, k := range picks {
				rows[i] = images.Normal[k]
			}
			anomalous.Batch(picks, step)
			for i, k := range picks {
				rows[half+i] = images.Anomalous[k]
			}
			x := g.NewTensor(len(rows), d.Side, d.Side, 3)
			views.Fill(o.Pool, x.Data(), rows, step, 0)
			return learn.CrossEntropy(g, net.Forward(g, x), class)
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
		y := d.net.Forward(g, learn.Input(g, learn.Norm, d.Side, img.Resize(d.Side, d.Side))).Data()
		score = float64(y[1]) - float64(y[0])
	})
	return score
}

// Map implements baseline.Detector: it cannot say where.
func (*Detector) Map(*imageio.Image) *imageio.Map { return nil }
