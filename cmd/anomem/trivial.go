package main

import (
	"context"
	"fmt"
	"iter"

	"anomem/dataset"
	"anomem/eval"
	"anomem/imageio"
)

// trivial is what a trivial detector makes of the images that a model has scored.
type trivial struct {
	Name       string   `json:"name"`
	AUROC      float64  `json:"auroc"`
	PixelAUROC *float64 `json:"pixel_auroc,omitempty"`
}

// trivials fits trivial detectors to the training normals of d and scores items with them.
func (s *scorer) trivials(ctx context.Context, d *dataset.Dataset, items []int, masks bool) ([]trivial, error) {
	var normals []int
	for _, i := range d.Train() {
		if d.Items[i].Normal {
			normals = append(normals, i)
		}
	}
	if len(normals) == 0 {
		return nil, fmt.Errorf("--trivial: there are no normal images to train on in the dataset")
	}
	all := eval.Comparators()
	for _, c := range all {
		if err := c.Fit(s.pictures(ctx, d, normals, nil)); err != nil {
			return nil, err
		}
	}
	scores := make([][]float64, len(all))
	pixels := make([]eval.PixelAUROC, len(all))
	var anomalous []bool
	at := 0
	for img, err := range s.pictures(ctx, d, items, &at) {
		if err != nil {
			return nil, err
		}
		it := &d.Items[items[at]]
		anomalous = append(anomalous, !it.Normal)
		inside, err := insideOf(it, img)
		if err != nil {
			return nil, err
		}
		for k, c := range all {
			scores[k] = append(scores[k], c.Score(img))
			if m, ok := c.(mapper); ok && masks && inside != nil {
				if err := pixels[k].Add(m.Map(img).Resize(img.W, img.H).Values, inside); err != nil {
					return nil, err
				}
			}
		}
	}
	var rows []trivial
	for k, c := range all {
		r := trivial{Name: c.Name()}
		var err error
		if r.AUROC, err = eval.AUROC(scores[k], anomalous); err != nil {
			return nil, err
		}
		if _, ok := c.(mapper); ok && masks {
			v, _, err := pixels[k].AUROC()
			if err != nil {
				return nil, err
			}
			r.PixelAUROC = &v
		}
		rows = append(rows, r)
	}
	return rows, nil
}

// mapper is a detector that says where.
type mapper interface {
	Map(*imageio.Image) eval.Map
}

// pictures loads items of d, one after another, and tells which of them it is at.
func (s *scorer) pictures(ctx context.Context, d *dataset.Dataset, items []int, at *int) iter.Seq2[*imageio.Image, error] {
	loader := dataset.NewLoader(d, dataset.LoaderOptions{Items: items})
	return func(yield func(*imageio.Image, error) bool) {
		for k, i := range items {
			if err := ctx.Err(); err != nil {
				yield(nil, err)
				return
			}
			img, err := loader.Load(i)
			if err != nil {
				if s.skip {
					continue // it was told when the model scored it, or is no image to learn from
				}
				yield(nil, err)
				return
			}
			if at != nil {
				*at = k
			}
			if !yield(img, nil) {
				return
			}
		}
	}
}
