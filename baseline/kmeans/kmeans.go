// Package kmeans scores the distance of an image's features from the nearest centre of those of
// normal images.
package kmeans

import (
	"context"
	"fmt"

	"anomem/baseline"
	"anomem/baseline/internal/clusters"
	"anomem/baseline/internal/features"
	"anomem/baseline/internal/nearest"
	"anomem/dataset"
	"anomem/imageio"
)

// Config holds the parameters of a detector.
type Config struct {
	Clusters int    `json:"clusters"` // fewer if fewer normal images differ
	Starts   int    `json:"starts"`   // of which the best counts
	Encoder  string `json:"encoder"`  // a ResNet in safetensors, or an anomem model; "": an untrained network
	Size     int    `json:"size"`     // of the square that the encoder sees; 0: as it was trained
}

// Default returns the configuration of the registry's detector.
func Default() Config { return Config{Clusters: 10, Starts: 10} }

// Detector scores images. Its Config may be changed until Fit.
type Detector struct {
	Config Config

	encoder *features.Encoder
	centres *nearest.Rows
}

// New returns a detector that is not fitted.
func New(c Config) *Detector { return &Detector{Config: c} }

// Name implements baseline.Detector.
func (d *Detector) Name() string { return features.Name("k-means", d.Config.Encoder) }

// Settings implements baseline.Configurable.
func (d *Detector) Settings() any { return &d.Config }

// Fit implements baseline.Detector. Starts are drawn by o.Seed. It is an error if a field of
// Config is out of range, or the encoder's file cannot be used.
func (d *Detector) Fit(ctx context.Context, src dataset.Source, o baseline.Options) error {
	c := d.Config
	if c.Clusters < 1 || c.Starts < 1 {
		return fmt.Errorf("baseline: %s: %d clusters from %d starts: want 1 or more", d.Name(), c.Clusters, c.Starts)
	}
	e, err := features.Open(d.Name(), features.Config{File: c.Encoder, Size: c.Size}, o)
	if err != nil {
		return err
	}
	rows, err := e.AllPooled(ctx, d.Name(), src)
	if err != nil {
		return err
	}
	channels := e.Channels()[3]
	centres, _ := clusters.Find(rows, channels, c.Clusters, c.Starts, o.Seed)
	d.encoder, d.centres = e, nearest.NewRows(centres, channels)
	return nil
}

// Score implements baseline.Detector.
func (d *Detector) Score(img *imageio.Image) float64 {
	if d.encoder == nil {
		panic("baseline: k-means: Score before Fit")
	}
	return d.centres.Find(nil, d.encoder.Pooled(img), 1)[0].Distance
}

// Map returns nil: the features are means over the image.
func (*Detector) Map(*imageio.Image) *imageio.Map { return nil }
