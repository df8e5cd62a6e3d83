// Package knn scores the distance of an image's features from those of the nearest normal
// images.
package knn

import (
	"context"
	"fmt"

	"anomem/baseline"
	"anomem/baseline/internal/features"
	"anomem/baseline/internal/nearest"
	"anomem/dataset"
	"anomem/imageio"
)

// Config holds the parameters of a detector.
type Config struct {
	Neighbours int    `json:"neighbours"` // fewer if there are fewer normal images
	Encoder    string `json:"encoder"`    // a ResNet in safetensors, or an anomem model; "": an untrained network
	Size       int    `json:"size"`       // of the square that the encoder sees; 0: as it was trained
}

// Default returns the configuration of the registry's detector.
func Default() Config { return Config{Neighbours: 2} }

// Detector scores images by the mean squared distance from the k nearest normal images,
//
//	s(x) = 1/k · Σ_{f ∈ N_k(f(x))} ‖f - f(x)‖²
//
// (Bergman, Cohen and Hoshen, "Deep nearest neighbor anomaly detection", 2020, eq. 2). Its
// Config may be changed until Fit.
type Detector struct {
	Config Config

	encoder *features.Encoder
	normal  *nearest.Rows
}

// New returns a detector that is not fitted.
func New(c Config) *Detector { return &Detector{Config: c} }

// Name implements baseline.Detector.
func (d *Detector) Name() string { return features.Name("k-NN", d.Config.Encoder) }

// Settings implements baseline.Configurable.
func (d *Detector) Settings() any { return &d.Config }

// Fit implements baseline.Detector. It is an error if a field of Config is out of range, or the
// encoder's file cannot be used.
func (d *Detector) Fit(ctx context.Context, src dataset.Source, o baseline.Options) error {
	c := d.Config
	if c.Neighbours < 1 {
		return fmt.Errorf("baseline: %s: %d neighbours: want 1 or more", d.Name(), c.Neighbours)
	}
	e, err := features.Open(d.Name(), features.Config{File: c.Encoder, Size: c.Size}, o)
	if err != nil {
		return err
	}
	rows, err := e.AllPooled(ctx, d.Name(), src)
	if err != nil {
		return err
	}
	d.encoder, d.normal = e, nearest.NewRows(rows, e.Channels()[3])
	return nil
}

// Score implements baseline.Detector.
func (d *Detector) Score(img *imageio.Image) float64 {
	if d.encoder == nil {
		panic("baseline: k-NN: Score before Fit")
	}
	return d.score(d.encoder.Pooled(img))
}

// score returns the score of an image's features.
func (d *Detector) score(feature []float32) float64 {
	var sum float64
	found := d.normal.Find(nil, feature, d.Config.Neighbours)
	for _, n := range found {
		sum += float64(n.Distance * n.Distance)
	}
	return sum / float64(len(found))
}

// Map returns nil: the features are means over the image.
func (*Detector) Map(*imageio.Image) *imageio.Map { return nil }
