package train

import (
	"context"

	"anomem"
	"anomem/dataset"
	"anomem/imageio"
)

// Calibrate gives m the scores and heatmaps of normal images that took no part in training,
// from which p-values, verdicts that keep promise (alpha 0: none) and the scale of heatmaps
// follow. Images that were read without m's region of interest (dataset.Options.Region) are
// scored within it.
func Calibrate(ctx context.Context, m *anomem.Model, held dataset.Source, promise anomem.Promise) error {
	var scores []float64
	var heat anomem.HeatMeter
	if err := batches(ctx, held, func(_ int, images []*imageio.Image, regions []*imageio.Mask) {
		for i, e := range m.ExplainIn(images, regions) {
			scores = append(scores, e.Score)
			region := regions[i]
			if of := m.Region(); region == nil && of != nil {
				region = of.Resize(images[i].W, images[i].H)
			}
			heat.AddIn(e.Heatmap, region)
		}
	}); err != nil {
		return err
	}
	if err := m.Calibrate(scores, promise); err != nil {
		return err
	}
	scale, err := heat.Scale()
	if err != nil {
		return err
	}
	return m.SetHeatScale(scale)
}
