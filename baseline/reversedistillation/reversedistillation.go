// Package reversedistillation is reverse distillation of Deng and Li (CVPR 2022): a student tells the
// maps of a trained network from a small embedding of them, which it learns from normal images.
package reversedistillation

import (
	"context"
	"fmt"

	"anomem/baseline"
	"anomem/baseline/internal/features"
	"anomem/baseline/internal/heat"
	"anomem/baseline/internal/learn"
	"anomem/dataset"
	"anomem/imageio"
	"anomem/nn"
	"anomem/nn/optim"
)

// Config holds the parameters of a detector.
type Config struct {
	Encoder string  `json:"encoder"` // the teacher: a ResNet in safetensors, or an anomem model; "": an untrained network
	Size    int     `json:"size"`    // of the square that the teacher sees, a multiple of 32, or of 8 with the stem for small images; 0: as it was trained
	Batch   int     `json:"batch"`   // images of a step
	Rate    float64 `json:"rate"`    // peak of the learning rate
	Sigma   float64 `json:"sigma"`   // of the blur of maps, in pixels at 224×224
	Steps   int     `json:"steps"`   // of the training; 0: as many as fit the budget
}

// Default returns the configuration of the registry's detector: that of the authors' code.
func Default() Config { return Config{Batch: 16, Rate: 0.005, Sigma: 4} }

// Detector scores images by the largest value of a map that tells where the student is wrong. Its
// Config may be changed until Fit.
type Detector struct {
	Config Config

	encoder *features.Encoder
	sigma   float64
	net     *student[float32]
	scoring learn.Scoring
}

// New returns a detector that is not fitted.
func New(c Config) *Detector { return &Detector{Config: c} }

// Name implements baseline.Detector.
func (d *Detector) Name() string { return features.Name("Reverse Distillation", d.Config.Encoder) }

// Settings implements baseline.Configurable.
func (d *Detector) Settings() any { return &d.Config }

// Fit implements baseline.Detector. It uses normal images alone, and keeps them in memory as the
// teacher sees them. It is an error if a field of Config is out of range, or the encoder's file
// cannot be used.
func (d *Detector) Fit(ctx context.Context, src dataset.Source, o baseline.Options) error {
	c := d.Config
	if c.Batch < 1 || !heat.Sigma(c.Sigma) {
		return fmt.Errorf("baseline: %s: batches of %d, sigma %v: want some images, and a blur of 0 (none) to %v", d.Name(), c.Batch, c.Sigma, heat.MostSigma)
	}
	e, err := features.Open(d.Name(), features.Config{File: c.Encoder, Size: c.Size}, o)
	if err != nil {
		return err
	}
	if m := multiple(e); e.Size%m != 0 {
		return fmt.Errorf("baseline: %s: size %d: want a multiple of %d, so that the student's maps have the sizes of the teacher's", d.Name(), e.Size, m)
	}
	images, err := learn.Read(ctx, d.Name(), src, e.Size, false)
	if err != nil {
		return err
	}
	net := newStudent[float32](architectures[e.Depth()], e.Channels())
	nn.Init(net, o.Seed)
	adam := optim.NewAdam(net, 0)
	adam.Beta1 = 0.5
	order, picks, rows := learn.NewOrder(o.Seed, "normal", len(images.Normal)), make([]int, c.Batch), make([]*imageio.Image, c.Batch)
	t := learn.Training{
		Name: d.Name(), Update: adam, Rate: c.Rate, Steps: c.Steps, WarmUp: 20, Budget: learn.Budget(o, 1),
		Loss: func(g *learn.Graph, step int) *learn.Tensor {
			order.Batch(picks, step)
			for i, k := range picks {
				rows[i] = images.Normal[k]
			}
			maps := first(e.Maps(g, rows))
			return loss(g, maps, net.Forward(g, maps))
		},
	}
	if err := t.Run(ctx, o.Pool, o.Note); err != nil {
		return err
	}
	nn.SetTraining(net, false)
	d.encoder, d.sigma, d.net = e, c.Sigma, net
	return nil
}

// multiple returns what the side of images is to be a multiple of: the teacher halves it twice or,
// with a stem for large images, four times, and the student once more.
func multiple(e *features.Encoder) int {
	if e.Large() {
		return 32
	}
	return 8
}

// first returns the maps that the student tells.
func first(maps [4]*learn.Tensor) (some [levels]*learn.Tensor) {
	copy(some[:], maps[:])
	return some
}

// Score implements baseline.Detector.
func (d *Detector) Score(img *imageio.Image) float64 {
	_, most := d.Map(img).Range()
	return float64(most)
}

// Map returns the sum over the three maps of
//
//	1 - cos(t, s)
//
// of the teacher's and the student's features at each position, each enlarged to the size that
// the teacher sees, and blurred.
func (d *Detector) Map(img *imageio.Image) *imageio.Map {
	if d.net == nil {
		learn.Unfitted(d.Name())
	}
	n := d.encoder.Size
	sum := &imageio.Map{W: n, H: n, Value: make([]float32, n*n)}
	d.scoring.Do(func(g *learn.Graph) {
		maps := first(d.encoder.Maps(g, []*imageio.Image{img.Resize(n, n)}))
		for k, s := range d.net.Forward(g, maps) {
			cosine := likeness(g, maps[k], s)
			m := &imageio.Map{W: cosine.Dim(2), H: cosine.Dim(1), Value: cosine.Data()}
			for i, v := range m.Resize(n, n).Value {
				sum.Value[i] += 1 - v
			}
		}
	})
	return heat.Smooth(sum, n, d.sigma)
}
