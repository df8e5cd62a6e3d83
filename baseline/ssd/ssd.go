// Package ssd is SSD of Sehwag, Chiang and Mittal (ICLR 2021): features learned by contrasting
// views, and Mahalanobis's distance from clusters of those of normal images.
package ssd

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

// Detector is a ResNet-18 with a projection head that is thrown away after training. The
// score is the squared distance of an image's features from the nearest cluster, less, if
// anomalies are known, that from their distribution (SSDk).
type Detector struct {
	Side     int     // of the squares that images are shrunk to, in pixels
	Width    float64 // of the network, as a share of ResNet-18's channels
	Batch    int     // images of a step, each in two views
	Rate     float64 // peak of the learning rate
	Tau      float64 // τ, the temperature
	Clusters int     // of the normal images' features
	Copies   int     // views of each known anomaly, for their distribution
	Steps    int     // of the training; 0: as many as fit the budget

	net     *resnet.ResNet[float32]
	normal  *clusters
	known   *clusters // nil: no anomaly is known
	scoring learn.Scoring
}

// New returns a detector that is not fitted, of a quarter of ResNet-18's channels on squares
// of 32 pixels, with one cluster.
func New() *Detector {
	return &Detector{Side: 32, Width: 0.25, Batch: 128, Rate: 0.12, Tau: 0.5, Clusters: 1, Copies: 10}
}

// Name implements baseline.Detector.
func (*Detector) Name() string { return "SSD" }

// Fit implements baseline.Detector. Known anomalies of src take no part in the training of
// features. It is an error if there are fewer different features than clusters.
func (d *Detector) Fit(ctx context.Context, src dataset.Source, o baseline.Options) error {
	images, err := learn.Read(ctx, d.Name(), src, d.Side, true)
	if err != nil {
		return err
	}
	net, err := resnet.New[float32](resnet.Config{Depth: 18, Stem: resnet.Small, Width: d.Width})
	if err != nil {
		return fmt.Errorf("baseline: %s: %w", d.Name(), err)
	}
	if err := d.contrast(ctx, net, images.Normal, o); err != nil {
		return err
	}
	nn.SetTraining(net, false)
	normal, err := newClusters(d.features(net, images.Normal, o.Pool), net.Config().StageChannels()[3], d.Clusters, o.Seed)
	if err != nil {
		return fmt.Errorf("baseline: %s: %w", d.Name(), err)
	}
	var known *clusters
	if len(images.Anomalous) > 0 {
		copies := d.copies(images.Anomalous, o)
		if known, err = newClusters(d.features(net, copies, o.Pool), normal.channels, 1, o.Seed); err != nil {
			return fmt.Errorf("baseline: %s: %w", d.Name(), err)
		}
	}
	d.net, d.normal, d.known = net, normal, known
	return nil
}

// contrast trains net by NT-Xent on two views of each image of a batch.
func (d *Detector) contrast(ctx context.Context, net *resnet.ResNet[float32], images []*imageio.Image, o baseline.Options) error {
	channels := net.Config().StageChannels()[3]
	both := nn.NewSequential[float32](net, nn.NewMLP[float32](channels, channels, projected))
	nn.Init(both, o.Seed)
	t := learn.Training{
		Name: d.Name(), Update: optim.NewSGD(both, 0.9, 1e-4), Rate: d.Rate, Steps: d.Steps, WarmUp: 100, Budget: learn.Budget(o, 0.9),
		Loss: learn.Contrast(both, images, d.Side, d.Batch, d.Tau, o),
	}
	return t.Run(ctx, o.Pool, o.Note)
}

// projected is the number of features that are contrasted.
const projected = 128

// features returns the features of images scaled to length 1, [len(images) C].
func (d *Detector) features(net *resnet.ResNet[float32], images []*imageio.Image, p *pool.Pool) (all []float32) {
	learn.Chunked(autograd.NewGraph[float32](p), images, func(g *learn.Graph, some []*imageio.Image) {
		all = append(all, unit(g, net, learn.Input(g, learn.Norm, d.Side, some...))...)
	})
	return all
}

// unit returns the features of x [N side side 3] scaled to length 1, [N C].
func unit(g *learn.Graph, net *resnet.ResNet[float32], x *learn.Tensor) []float32 {
	return g.L2Normalize(net.Forward(g, x), 1e-12).Data()
}

// copies returns the known anomalies, each in some views: their distribution is that of few
// images otherwise.
func (d *Detector) copies(anomalous []*imageio.Image, o baseline.Options) []*imageio.Image {
	views := learn.NewViews(o.Seed, d.Side, learn.Mild(), learn.Unit)
	n := 3 * d.Side * d.Side
	x := make([]float32, len(anomalous)*n)
	var all []*imageio.Image
	for number := range d.Copies {
		views.Fill(o.Pool, x, anomalous, 0, number)
		for i := range anomalous {
			all = append(all, learn.Unit.Image(x[i*n:(i+1)*n], d.Side, d.Side))
		}
	}
	return append(all, anomalous...)
}

// Score implements baseline.Detector.
func (d *Detector) Score(img *imageio.Image) (score float64) {
	if d.net == nil {
		learn.Unfitted(d.Name())
	}
	d.scoring.Do(func(g *learn.Graph) {
		z := unit(g, d.net, learn.Input(g, learn.Norm, d.Side, img.Resize(d.Side, d.Side)))
		score = d.normal.nearest(z)
		if d.known != nil {
			score -= d.known.nearest(z)
		}
	})
	return score
}

// Map implements baseline.Detector: it cannot say where.
func (*Detector) Map(*imageio.Image) *imageio.Map { return nil }
