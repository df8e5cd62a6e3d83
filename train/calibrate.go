package train

import (
	"context"

	"anomem"
	"anomem/dataset"
	"anomem/imageio"
)

// Calibrate gives m the scores and heatmaps of normal images that took no part in training,
// from which p-values, verdicts that keep promise (alpha 0: none) and the scale of heatmaps
// follow.
func Calibrate(ctx context.Context, m *anomem.Model, held dataset.Source, promise anomem.Promise) error {
	var scores []float64
	var heat anomem.HeatMeter
	if err := batches(ctx, held, func(_ int, images []*imageio.Image) {
		for _, e := range m.Explain(images) {
			scores = append(scores, e.Score)
			heat.Add(e.Heatmap)
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
