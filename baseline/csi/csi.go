// Package csi is CSI of Tack, Mo, Jeong and Shin (NeurIPS 2020): features learned by contrasting
// views, in which the turned copies of an image count as other images.
package csi

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

// Detector is a ResNet-18 with a head whose output is contrasted, and one that tells by how many
// quarter turns an image was turned. The score is high where the contrasted features are short
// or far from those of all normal images, and where the turns are told badly.
type Detector struct {
	Side  int     // of the squares that images are shrunk to, in pixels
	Width float64 // of the network, as a share of ResNet-18's channels
	Batch int     // images of a step, each in four turns and two views
	Rate  float64 // peak of the learning rate
	Tau   float64 // τ, the temperature
	Views int     // of an image that is scored, each in four turns
	Bank  int     // the most normal images to compare with; of more, as many drawn at random
	Steps int     // of the training; 0: as many as fit the budget

	net     *network[float32]
	bank    *bank
	seed    uint64
	scoring learn.Scoring
}

// New returns a detector that is not fitted, of a quarter of ResNet-18's channels on squares
// of 32 pixels.
func New() *Detector {
	return &Detector{Side: 32, Width: 0.25, Batch: 32, Rate: 0.12, Tau: 0.5, Views: 4, Bank: 4096}
}

// Name implements baseline.Detector.
func (*Detector) Name() string { return "CSI" }

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
	if err := d.train(ctx, net, images.Normal, o); err != nil {
		return err
	}
	nn.SetTraining(net, false)
	d.seed = o.Seed
	if d.bank, err = d.fill(ctx, net, images.Normal, o); err != nil {
		return err
	}
	d.net = net
	return nil
}

// train trains net by views of images, each in all turns.
func (d *Detector) train(ctx context.Context, net *network[float32], images []*imageio.Image, o baseline.Options) error {
	order, picks := learn.NewOrder(o.Seed, "normal", len(images)), make([]int, d.Batch)
	views := learn.NewViews(o.Seed, d.Side, learn.Strong(d.Side), learn.Norm)
	rows, moves := make([]*imageio.Image, turns*d.Batch), turned(d.Batch)
	plain := make([]float32, len(rows)*3*d.Side*d.Side)
	t := learn.Training{
		Name: d.Name(), Update: optim.NewSGD(net, 0.9, 1e-4), Rate: d.Rate, Steps: d.Steps, WarmUp: 100, Budget: learn.Budget(o, 0.85),
		Loss: func(g *learn.Graph, step int) *learn.Tensor {
			order.Batch(picks, step)
			for i, k := range picks {
				for t := range turns {
					rows[i*turns+t] = images[k]
				}
			}
			var both [2]*learn.Tensor
			for v := range both {
				views.Fill(o.Pool, plain, rows, step, v)
				both[v] = learn.Moved(g, plain, d.Side, moves)
			}
			z, logits := net.Forward(g, g.Concat(0, both[0], both[1]))
			return contrastTurned(g, z, logits, d.Tau)
		},
	}
	return t.Run(ctx, o.Pool, o.Note)
}

// turned returns all quarter turns, once for each image.
func turned(images int) (all []learn.Move) {
	for range images {
		for t := range turns {
			all = append(all, learn.Move{Quarters: t})
		}
	}
	return all
}

// scored is the area of the views that are scored, as in the authors' evaluation of CIFAR-10.
const scored = 0.54

// outputs returns for each turn the mean over the views of an image of its contrasted features
// [turns 128], and of its logits [turns turns].
func (d *Detector) outputs(g *learn.Graph, net *network[float32], img *imageio.Image) (z, logits *learn.Tensor) {
	o := learn.Strong(d.Side)
	o.CropArea = [2]float64{scored, scored}
	rows := make([]*imageio.Image, turns*d.Views)
	for i := range rows {
		rows[i] = img
	}
	plain := g.Scratch(len(rows) * 3 * d.Side * d.Side)
	learn.NewViews(d.seed, d.Side, o, learn.Norm).Fill(g.Pool(), plain, rows, 0, 2)
	z, logits = net.Forward(g, learn.Moved(g, plain, d.Side, turned(d.Views)))
	return g.Mean(g.Reshape(z, d.Views, turns, projected), false, 0), g.Mean(g.Reshape(logits, d.Views, turns, turns), false, 0)
}

// Score implements baseline.Detector.
func (d *Detector) Score(img *imageio.Image) (score float64) {
	if d.net == nil {
		learn.Unfitted(d.Name())
	}
	d.scoring.Do(func(g *learn.Graph) {
		z, logits := d.outputs(g, d.net, img.Resize(d.Side, d.Side))
		score = d.bank.surprise(z.Data(), logits.Data())
	})
	return score
}

// Map implements baseline.Detector: it cannot say where.
func (*Detector) Map(*imageio.Image) *imageio.Map { return nil }

// projected is the number of features that are contrasted.
const projected = 128

// network is a ResNet with the two heads.
type network[T nn.Float] struct {
	encoder *resnet.ResNet[T]
	project nn.Sequential[T]
	turn    *nn.Linear[T]
}

func newNetwork[T nn.Float](width float64) (*network[T], error) {
	e, err := resnet.New[T](resnet.Config{Depth: 18, Stem: resnet.Small, Width: width})
	if err != nil {
		return nil, err
	}
	c := e.Config().StageChannels()[3]
	return &network[T]{e, nn.NewMLP[T](c, c, projected), nn.NewLinear[T](c, turns)}, nil
}

// Visit implements nn.Params.
func (n *network[T]) Visit(v nn.Visitor[T], prefix string) {
	n.encoder.Visit(v, nn.Join(prefix, "encoder"))
	n.project.Visit(v, nn.Join(prefix, "project"))
	n.turn.Visit(v, nn.Join(prefix, "turn"))
}
