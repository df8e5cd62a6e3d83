package main

import (
	"context"
	"encoding/json"
	"fmt"

	"anomem/dataset"
	"anomem/eval"
	"anomem/imageio"
)

// totals is the last line of score --labels --json.
type totals struct {
	Images           int       `json:"images"`
	AUROC            float64   `json:"auroc"`
	AveragePrecision float64   `json:"average_precision"`
	PixelAUROC       *float64  `json:"pixel_auroc,omitempty"` // where there are masks
	Masks            int       `json:"masks,omitempty"`
	Trivial          []trivial `json:"trivial,omitempty"` // what else reaches, with --trivial
}

// labelled scores the test images of a dataset and says how well anomalies are told.
func (s *scorer) labelled(ctx context.Context, path string, o dataset.Options, beside, asJSON bool) error {
	d, err := dataset.Open(path, o)
	if err != nil {
		return err
	}
	items := d.Test()
	if len(items) == 0 {
		for i := range d.Items {
			items = append(items, i)
		}
	}
	var t totals
	normals := 0
	for _, i := range items {
		if d.Items[i].Mask != "" {
			t.Masks++
		}
		if d.Items[i].Normal {
			normals++
		}
	}
	if normals == 0 || normals == len(items) {
		return fmt.Errorf("--labels: of %d images in %s %d are normal: it takes both kinds", len(items), path, normals)
	}
	loader := dataset.NewLoader(d, dataset.LoaderOptions{Items: items})
	var anomalous []bool
	var pixels eval.PixelAUROC
	for _, i := range items {
		if err := ctx.Err(); err != nil {
			return err
		}
		it := &d.Items[i]
		img, err := loader.Load(i)
		if err != nil {
			if err := s.broken(err); err != nil {
				return err
			}
			continue
		}
		anomalous = append(anomalous, !it.Normal)
		if err := s.add(it.Path, img); err != nil {
			return err
		}
		if t.Masks > 0 {
			inside, err := insideOf(it, img)
			if err != nil {
				return err
			}
			if inside != nil {
				if err := pixels.Add(s.m.Heatmap(img).Value, inside); err != nil {
					return err
				}
			}
		}
	}
	if err := s.flush(); err != nil {
		return err
	}
	t.Images = len(s.scores)
	if t.AUROC, err = eval.AUROC(s.scores, anomalous); err != nil {
		return err
	}
	if t.AveragePrecision, err = eval.AveragePrecision(s.scores, anomalous); err != nil {
		return err
	}
	if t.Masks > 0 {
		v, _, err := pixels.AUROC()
		if err != nil {
			return err
		}
		t.PixelAUROC = &v
	}
	if beside {
		if t.Trivial, err = s.trivials(ctx, d, items, t.Masks > 0); err != nil {
			return err
		}
	}
	if asJSON {
		return json.NewEncoder(s.e.stdout).Encode(t)
	}
	fmt.Fprintf(s.e.stdout, "images %d  AUROC %.2f %%  average precision %.2f %%", t.Images, 100*t.AUROC, 100*t.AveragePrecision)
	if t.PixelAUROC != nil {
		fmt.Fprintf(s.e.stdout, "  pixel AUROC %.2f %% (%s)", 100**t.PixelAUROC, plural(t.Masks, "mask", "masks"))
	}
	fmt.Fprintln(s.e.stdout)
	for _, r := range t.Trivial {
		fmt.Fprintf(s.e.stdout, "%-14s AUROC %.2f %%", r.Name, 100*r.AUROC)
		if r.PixelAUROC != nil {
			fmt.Fprintf(s.e.stdout, "  pixel AUROC %.2f %%", 100**r.PixelAUROC)
		}
		fmt.Fprintln(s.e.stdout)
	}
	return nil
}

// insideOf says which pixels of an image are anomalous, at its own resolution; nil of an
// anomaly without a mask, of which nobody knows.
func insideOf(it *dataset.Item, img *imageio.Image) ([]bool, error) {
	switch {
	case it.Normal:
		return make([]bool, img.W*img.H), nil
	case it.Mask == "":
		return nil, nil
	}
	m, err := maskFor(it.Mask, it.Path, img.W, img.H)
	if err != nil {
		return nil, err
	}
	return m.Pix, nil
}
