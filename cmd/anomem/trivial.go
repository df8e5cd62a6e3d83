package main

import (
	"context"
	"fmt"

	"anomem/baseline"
	"anomem/baseline/registry"
	"anomem/dataset"
	"anomem/eval"
)

// trivial is what a trivial detector reaches on the images that a model has scored.
type trivial struct {
	Name       string   `json:"name"`
	AUROC      float64  `json:"auroc"`
	PixelAUROC *float64 `json:"pixel_auroc,omitempty"`
}

// trivials fits the trivial detectors to the training normals of d and scores test with
// them, with their heatmaps if maps is set.
func (s *scorer) trivials(ctx context.Context, d *dataset.Dataset, test *dataset.Images, maps bool) ([]trivial, error) {
	normals, err := s.trainingNormals(ctx, d)
	if err != nil {
		return nil, err
	}
	detectors := registry.Trivial()
	for _, b := range detectors {
		if err := b.Fit(ctx, normals, baseline.Options{Seed: 1}); err != nil {
			return nil, err
		}
	}
	said, err := eval.Collect(ctx, test, maps, detectors...)
	if err != nil {
		return nil, err
	}
	var rows []trivial
	for k, b := range detectors {
		t, err := said[k].Totals()
		if err != nil {
			return nil, err
		}
		rows = append(rows, trivial{b.Name(), t.AUROC, t.PixelAUROC})
	}
	return rows, nil
}

// trainingNormals returns the normal images of d's training split that can be decoded. One
// that cannot is an error unless broken images are skipped.
func (s *scorer) trainingNormals(ctx context.Context, d *dataset.Dataset) (*dataset.Images, error) {
	var items []int
	for _, i := range d.Train() {
		if d.Items[i].Normal {
			items = append(items, i)
		}
	}
	if len(items) == 0 {
		return nil, fmt.Errorf("--trivial: there are no normal images to train on in the dataset")
	}
	im := d.Images(items)
	for _, i := range items {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if _, err := im.Take(i); err != nil && !s.skip {
			return nil, err
		}
	}
	return im, nil
}
