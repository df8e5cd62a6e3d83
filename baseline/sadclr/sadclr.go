// Package sadclr is SadCLR of Jézéquel, Vu, Beaudet and Histace (ICPR 2022): features whose
// directions are contrasted, and whose lengths are the anomaly score.
package sadclr

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
	"anomem/resnet"
	"anomem/simd"
)

// Detector is a ResNet-18 and a head of two layers. The score is the length of an image's
// features.
type Detector struct {
	Side   int     // of the squares that images are shrunk to, in pixels
	Width  float64 // of the network, as a share of ResNet-18's channels
	Batch  int     // images of a step, each in two views
	Rate   float64 // peak of the learning rate
	Tau    float64 // τ, the temperature
	Weight float64 // of the lengths' loss, beside the directions'
	Margin float64 // M of the lengths' loss
	Known  float64 // share of known anomalies among the images of a step, if there are any
	Turned float64 // share of turned normal images, which count as anomalies
	Steps  int     // of the training; 0: as many as fit the budget

	net     nn.Sequential[float32]
	scoring learn.Scoring
}

// New returns a detector that is not fitted, of a quarter of ResNet-18's channels on squares
// of 32 pixels.
func New() *Detector {
	return &Detector{Side: 32, Width: 0.25, Batch: 128, Rate: 0.06, Tau: 0.2, Weight: 1, Margin: 2, Known: 0.25, Turned: 0.25}
}

// Name implements baseline.Detector.
func (*Detector) Name() string { return "SadCLR" }

// Fit implements baseline.Detector. It uses the known anomalies of src, if there are any.
func (d *Detector) Fit(ctx context.Context, src dataset.Source, o baseline.Options) error {
	images, err := learn.Read(ctx, d.Name(), src, d.Side, true)
	if err != nil {
		return err
	}
	encoder, err := resnet.New[float32](resnet.Config{Depth: 18, Stem: resnet.Small, Width: d.Width})
	if err != nil {
		return fmt.Errorf("baseline: %s: %w", d.Name(), err)
	}
	c := encoder.Config().StageChannels()[3]
	net := nn.NewSequential[float32](encoder, nn.NewMLP[float32](c, c, features))
	nn.Init(net, o.Seed)
	b := d.newBatch(images, o.Seed)
	views := learn.NewViews(o.Seed, d.Side, learn.Strong(d.Side), learn.Norm)
	plain := make([]float32, len(b.rows)*3*d.Side*d.Side)
	t := learn.Training{
		Name: d.Name(), Update: optim.NewSGD(net, 0.9, 1e-4), Rate: d.Rate, Steps: d.Steps, WarmUp: 100, Budget: learn.Budget(o, 1),
		Loss: func(g *learn.Graph, step int) *learn.Tensor {
			b.draw(step)
			var both [2]*learn.Tensor
			for v := range both {
				views.Fill(o.Pool, plain, b.rows, step, v)
				both[v] = learn.Moved(g, plain, d.Side, b.moves)
			}
			z := net.Forward(g, g.Concat(0, both[0], both[1]))
			return regularised(g, z, b.normal, d.Tau, d.Weight, d.Margin)
		},
	}
	if err := t.Run(ctx, o.Pool, o.Note); err != nil {
		return err
	}
	nn.SetTraining(net, false)
	d.net = net
	return nil
}

// features is the number of features.
const features = 128

// Score implements baseline.Detector.
func (d *Detector) Score(img *imageio.Image) (score float64) {
	if d.net == nil {
		learn.Unfitted(d.Name())
	}
	d.scoring.Do(func(g *learn.Graph) {
		z := d.net.Forward(g, learn.Input(g, learn.Norm, d.Side, img.Resize(d.Side, d.Side)))
		score = math.Sqrt(float64(simd.SumSq(z.Data())))
	})
	return score
}

// Map implements baseline.Detector: it cannot say where.
func (*Detector) Map(*imageio.Image) *imageio.Map { return nil }
