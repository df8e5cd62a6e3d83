// Package goad is GOAD of Bergman and Hoshen (ICLR 2020): features in which the copies of
// images under one transformation gather around a centre of its own.
package goad

import (
	"context"
	"fmt"

	"anomem/autograd"
	"anomem/baseline"
	"anomem/baseline/internal/learn"
	"anomem/dataset"
	"anomem/imageio"
	"anomem/nn"
	"anomem/nn/optim"
	"anomem/resnet"
	"anomem/simd/pool"
)

// Detector is a ResNet-18 on the 36 moves of an image, by quarter turns and shifts. The score
// is the mean over the moves of -ln P(m | m(x)), by the distances from the moves' centres.
type Detector struct {
	Side   int     // of the squares that images are shrunk to, in pixels
	Width  float64 // of the network, as a share of ResNet-18's channels
	Batch  int     // images of a step, each in all moves
	Rate   float64 // peak of the learning rate
	Margin float64 // s, of the triplets
	Weight float64 // of the triplets, beside the cross-entropy
	Steps  int     // of the training; 0: as many as fit the budget

	net     *network[float32]
	centres *learn.Tensor // [36 C]
	scoring learn.Scoring
}

// New returns a detector that is not fitted, of a quarter of ResNet-18's channels on squares
// of 32 pixels.
func New() *Detector {
	return &Detector{Side: 32, Width: 0.25, Batch: 4, Rate: 0.05, Margin: 0.1, Weight: 0.1}
}

// Name implements baseline.Detector.
func (*Detector) Name() string { return "GOAD" }

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
	moves := repeated(d.Batch)
	t := learn.Training{
		Name: d.Name(), Update: optim.NewSGD(net, 0.9, 5e-4), Rate: d.Rate, Steps: d.Steps, WarmUp: 100, Budget: learn.Budget(o, 0.95),
		Loss: func(g *learn.Graph, step int) *learn.Tensor {
			order.Batch(picks, step)
			for i, k := range picks {
				rows[i] = images.Normal[k]
			}
			views.Fill(o.Pool, plain, rows, step, 0)
			z := net.encoder.Forward(g, learn.Moved(g, plain, d.Side, moves))
			return loss(g, z, net.classes.Forward(g, z), d.Batch, d.Margin, d.Weight)
		},
	}
	if err := t.Run(ctx, o.Pool, o.Note); err != nil {
		return err
	}
	nn.SetTraining(net, false)
	d.centres = d.centresOf(net, images.Normal, o.Pool)
	d.net = net
	return nil
}

// repeated returns all moves, once for each image.
func repeated(images int) (all []learn.Move) {
	for range images {
		all = append(all, learn.Moves()...)
	}
	return all
}

// measured is the most images whose features make the centres: their error is then below a
// twentieth of the features' deviation.
const measured = 512

// centresOf returns the mean of the features of each move over normal images, [36 C].
func (d *Detector) centresOf(net *network[float32], images []*imageio.Image, p *pool.Pool) *learn.Tensor {
	images = images[:min(len(images), measured)]
	channels := net.encoder.Config().StageChannels()[3]
	sum := make([]float64, classes*channels)
	g := autograd.NewGraph[float32](p)
	for _, img := range images {
		g.NoGrad(func() {
			for i, v := range d.features(g, net, img).Data() {
				sum[i] += float64(v)
			}
		})
		g.Reset()
	}
	centres := autograd.New[float32](classes, channels)
	for i, v := range sum {
		centres.Data()[i] = float32(v / float64(len(images)))
	}
	return centres
}

// features returns those of all moves of an image, [36 C].
func (d *Detector) features(g *learn.Graph, net *network[float32], img *imageio.Image) *learn.Tensor {
	plain := learn.Input(g, learn.Norm, d.Side, img)
	return net.encoder.Forward(g, learn.Moved(g, plain.Data(), d.Side, learn.Moves()))
}

// Score implements baseline.Detector.
func (d *Detector) Score(img *imageio.Image) (score float64) {
	if d.net == nil {
		learn.Unfitted(d.Name())
	}
	d.scoring.Do(func(g *learn.Graph) {
		score = surprise(g, d.features(g, d.net, img.Resize(d.Side, d.Side)), d.centres)
	})
	return score
}

// Map implements baseline.Detector: it cannot say where.
func (*Detector) Map(*imageio.Image) *imageio.Map { return nil }

// network is a ResNet and a classifier of moves, which helps it to learn.
type network[T nn.Float] struct {
	encoder *resnet.ResNet[T]
	classes *nn.Linear[T]
}

func newNetwork[T nn.Float](width float64) (*network[T], error) {
	e, err := resnet.New[T](resnet.Config{Depth: 18, Stem: resnet.Small, Width: width})
	if err != nil {
		return nil, err
	}
	return &network[T]{e, nn.NewLinear[T](e.Config().StageChannels()[3], classes)}, nil
}

// Visit implements nn.Params.
func (n *network[T]) Visit(v nn.Visitor[T], prefix string) {
	n.encoder.Visit(v, nn.Join(prefix, "encoder"))
	n.classes.Visit(v, nn.Join(prefix, "classes"))
}
