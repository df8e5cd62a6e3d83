// Package imagesize scores images by their width and height alone.
package imagesize

import (
	"context"

	"anomem/baseline"
	"anomem/baseline/internal/gauge"
	"anomem/baseline/internal/normals"
	"anomem/dataset"
	"anomem/imageio"
)

// Detector scores how far an image's width and height lie from those of the normal images,
// in standard deviations. An AUROC far from 50 % says that the size of its images gives a
// data set's anomalies away.
type Detector struct{ gauge gauge.Gauge }

// New returns a detector that is not fitted.
func New() *Detector { return new(Detector) }

// Name implements baseline.Detector.
func (*Detector) Name() string { return "image size" }

// Fit implements baseline.Detector. It decodes no image.
func (d *Detector) Fit(ctx context.Context, src dataset.Source, _ baseline.Options) error {
	return d.gauge.Fit(ctx, d.Name(), src, func(i int) ([]float64, error) {
		w, h := src.Size(i)
		if w < 1 || h < 1 {
			return nil, normals.Empty(d.Name())
		}
		return size(w, h), nil
	})
}

// Score implements baseline.Detector.
func (d *Detector) Score(img *imageio.Image) float64 {
	return d.gauge.Distance(d.Name(), size(img.W, img.H))
}

// Map returns nil: a size is nowhere in the image.
func (*Detector) Map(*imageio.Image) *imageio.Map { return nil }

func size(w, h int) []float64 { return []float64{float64(w), float64(h)} }
