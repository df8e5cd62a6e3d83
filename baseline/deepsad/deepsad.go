// Package deepsad is Deep SAD of Ruff et al. (ICLR 2020): a network that maps normal images
// close to a centre and known anomalies away from it. Without known anomalies it is Deep SVDD
// with one class (Ruff et al., ICML 2018).
package deepsad

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
	"anomem/simd/pool"
)

// Detector is the network of the authors' code for CIFAR-10. The score is the squared
// distance of an image's features from the centre.
type Detector struct {
	Side     int     // of the squares that images are shrunk to, in pixels: a multiple of 8
	Channels int     // of the first map; the others have two and four times as many
	Features int     // dimensions of the output: a multiple of (Side/8)²
	Batch    int     // images of a step
	Rate     float64 // peak of the learning rate
	Eta      float64 // η, the weight of known anomalies
	Decay    float64 // of the weights
	Steps    int     // of each of the two trainings; 0: as many as fit half of the budget

	net     *encoder[float32]
	centre  *learn.Tensor // [Features]
	scoring learn.Scoring
}

// New returns a detector that is not fitted, of the sizes in the authors' code.
func New() *Detector {
	return &Detector{Side: 32, Channels: 32, Features: 128, Batch: 128, Rate: 1e-3, Eta: 1, Decay: 5e-7}
}

// Name implements baseline.Detector.
func (*Detector) Name() string { return "Deep SAD" }

// Fit implements baseline.Detector. It uses the known anomalies of src, if there are any. It
// is an error if the sizes do not fit together.
func (d *Detector) Fit(ctx context.Context, src dataset.Source, o baseline.Options) error {
	last := d.Side >> blocks
	if d.Side < 1<<blocks || d.Side%(1<<blocks) != 0 || d.Channels < 1 || d.Features < 1 || d.Features%(last*last) != 0 || d.Batch < 2 {
		return fmt.Errorf("baseline: %s: %d features of images of %d×%d, batches of %d: want a side that is a multiple of 8, and a multiple of (side/8)² features",
			d.Name(), d.Features, d.Side, d.Side, d.Batch)
	}
	images, err := learn.Read(ctx, d.Name(), src, d.Side, true)
	if err != nil {
		return err
	}
	f := fit{Detector: d, options: o, all: images.All(), normals: len(images.Normal), net: newEncoder[float32](d.Side, d.Channels, d.Features)}
	nn.Init(f.net, o.Seed)
	if err := f.pretrain(ctx); err != nil {
		return err
	}
	f.centreOf(o.Pool)
	if err := f.train(ctx); err != nil {
		return err
	}
	d.net, d.centre = f.net, f.centre
	return nil
}

// fit is a training.
type fit struct {
	*Detector
	options baseline.Options
	all     []*imageio.Image // the normal ones first
	normals int
	net     *encoder[float32]
	centre  *learn.Tensor
}

// batch returns the images of a step as a tensor of g, and which of them are normal.
func (f *fit) batch(g *learn.Graph, order *learn.Order, step int) (x *learn.Tensor, normal []bool) {
	picks := make([]int, f.Batch)
	order.Batch(picks, step)
	rows := make([]*imageio.Image, f.Batch)
	normal = make([]bool, f.Batch)
	for i, k := range picks {
		rows[i], normal[i] = f.all[k], k < f.normals
	}
	return learn.Input(g, learn.Unit, f.Side, rows...), normal
}

// training returns a training of m within half of the budget.
func (f *fit) training(what string, m nn.Params[float32]) learn.Training {
	return learn.Training{
		Name: f.Name() + what, Update: optim.NewAdam(m, f.Decay), Rate: f.Rate,
		Steps: f.Steps, WarmUp: 50, Budget: learn.Budget(f.options, 0.48),
	}
}

// pretrain trains the encoder as that of an autoencoder, by the mean over the batch of the
// mean squared error.
func (f *fit) pretrain(ctx context.Context) error {
	both := pair{f.net, newDecoder[float32](f.Side, f.Channels, f.Features)}
	nn.Init(both.decoder, f.options.Seed)
	order := learn.NewOrder(f.options.Seed, "autoencoder", len(f.all))
	t := f.training(", autoencoder", both)
	t.Loss = func(g *learn.Graph, step int) *learn.Tensor {
		x, _ := f.batch(g, order, step)
		return g.Mean(g.Square(g.Sub(both.decoder.Forward(g, both.encoder.Forward(g, x)), x)), false)
	}
	return t.Run(ctx, f.options.Pool, f.options.Note)
}

// pair is an autoencoder.
type pair struct {
	encoder *encoder[float32]
	decoder *decoder[float32]
}

func (p pair) Visit(v nn.Visitor[float32], prefix string) {
	p.encoder.Visit(v, nn.Join(prefix, "encoder"))
	p.decoder.Visit(v, nn.Join(prefix, "decoder"))
}

// leastCentre is the least distance of a coordinate of the centre from 0: a coordinate at 0
// is met by weights of 0.
const leastCentre = 0.1

// centreOf sets the centre to the mean of the features of all images before training.
func (f *fit) centreOf(p *pool.Pool) {
	nn.SetTraining(f.net, false)
	defer nn.SetTraining(f.net, true)
	sum := make([]float64, f.Features)
	learn.Chunked(autograd.NewGraph[float32](p), f.all, func(g *learn.Graph, some []*imageio.Image) {
		z := f.net.Forward(g, learn.Input(g, learn.Unit, f.Side, some...))
		for i, v := range z.Data() {
			sum[i%f.Features] += float64(v)
		}
	})
	f.centre = autograd.New[float32](f.Features)
	for i, v := range sum {
		switch c := v / float64(len(f.all)); {
		case c < 0:
			f.centre.Data()[i] = float32(min(c, -leastCentre))
		default:
			f.centre.Data()[i] = float32(max(c, leastCentre))
		}
	}
}

// train trains the encoder with the paper's loss, and leaves it in evaluation mode.
func (f *fit) train(ctx context.Context) error {
	order := learn.NewOrder(f.options.Seed, "centre", len(f.all))
	t := f.training("", f.net)
	t.Loss = func(g *learn.Graph, step int) *learn.Tensor {
		x, normal := f.batch(g, order, step)
		return loss(g, f.net.Forward(g, x), f.centre, normal, f.Eta)
	}
	if err := t.Run(ctx, f.options.Pool, f.options.Note); err != nil {
		return err
	}
	nn.SetTraining(f.net, false)
	return nil
}

// Score implements baseline.Detector.
func (d *Detector) Score(img *imageio.Image) (score float64) {
	if d.net == nil {
		learn.Unfitted(d.Name())
	}
	d.scoring.Do(func(g *learn.Graph) {
		z := d.net.Forward(g, learn.Input(g, learn.Unit, d.Side, img.Resize(d.Side, d.Side)))
		score = float64(distances(g, z, d.centre).Data()[0])
	})
	return score
}

// Map implements baseline.Detector: it cannot say where.
func (*Detector) Map(*imageio.Image) *imageio.Map { return nil }
