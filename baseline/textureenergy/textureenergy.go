// Package textureenergy scores images by the energies of their texture.
package textureenergy

import (
	"context"
	"fmt"

	"anomem/baseline"
	"anomem/baseline/internal/normals"
	"anomem/dataset"
	"anomem/imageio"
	"anomem/imageio/energy"
)

// Config holds the parameters of a detector.
type Config struct {
	Window int `json:"window"` // side in pixels; 0: an eighth of the shorter side of the first normal image
}

// Default returns the configuration of the registry's detector.
func Default() Config { return Config{} }

// Detector describes the energies v of a texture in windows anywhere on normal images by one normal
// distribution. The score of an image is the largest Mahalanobis distance of its windows,
//
//	s = max √((v - μ)ᵀ Σ⁻¹ (v - μ) / C)
//
// about 1 for what is normal. Its Config may be changed until Fit.
type Detector struct {
	Config Config

	window int
	normal *energy.Normal // nil: not fitted
}

// New returns a detector that is not fitted.
func New(c Config) *Detector { return &Detector{Config: c} }

// Name implements baseline.Detector.
func (*Detector) Name() string { return "texture energy" }

// Settings implements baseline.Configurable.
func (d *Detector) Settings() any { return &d.Config }

// Fit implements baseline.Detector. It is an error if the window is below 0.
func (d *Detector) Fit(ctx context.Context, src dataset.Source, _ baseline.Options) error {
	if d.Config.Window < 0 {
		return fmt.Errorf("baseline: %s: a window of %d pixels", d.Name(), d.Config.Window)
	}
	d.window = d.Config.Window
	var moments energy.Moments
	err := normals.Each(ctx, d.Name(), src, func(i int) error {
		img, err := normals.Image(d.Name(), src, i)
		if err != nil {
			return err
		}
		if d.window == 0 {
			d.window = max(1, min(img.W, img.H)/8)
		}
		moments.Add(energy.Of(img, d.window), nil)
		return nil
	})
	if err != nil {
		return err
	}
	normal, err := moments.Normal()
	if err != nil {
		return fmt.Errorf("baseline: %s: %w", d.Name(), err)
	}
	d.normal = &normal
	return nil
}

// Map returns the distances of the windows.
func (d *Detector) Map(img *imageio.Image) *imageio.Map {
	if d.normal == nil {
		panic("baseline: texture energy: Map before Fit")
	}
	of := energy.Of(img, d.window)
	return &imageio.Map{W: of.Cols, H: of.Rows, Value: d.normal.Distances(of)}
}

// Score implements baseline.Detector.
func (d *Detector) Score(img *imageio.Image) float64 {
	_, worst := d.Map(img).Range()
	return float64(worst)
}
