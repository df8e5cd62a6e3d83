// Package meancolour scores images by their mean colour alone.
package meancolour

import (
	"context"

	"anomem/baseline"
	"anomem/baseline/internal/gauge"
	"anomem/baseline/internal/normals"
	"anomem/dataset"
	"anomem/imageio"
)

// Detector scores how far an image's mean red, green and blue lie from those of the normal
// images, in standard deviations.
type Detector struct{ gauge gauge.Gauge }

// New returns a detector that is not fitted.
func New() *Detector { return new(Detector) }

// Name implements baseline.Detector.
func (*Detector) Name() string { return "mean colour" }

// Fit implements baseline.Detector.
func (d *Detector) Fit(ctx context.Context, src dataset.Source, _ baseline.Options) error {
	return d.gauge.Fit(ctx, d.Name(), src, func(i int) ([]float64, error) {
		img, err := normals.Image(d.Name(), src, i)
		if err != nil {
			return nil, err
		}
		return img.Means(1, 1), nil
	})
}

// Score implements baseline.Detector.
func (d *Detector) Score(img *imageio.Image) float64 {
	return d.gauge.Distance(d.Name(), img.Means(1, 1))
}

// Map returns nil: the mean is nowhere in the image.
func (*Detector) Map(*imageio.Image) *imageio.Map { return nil }
