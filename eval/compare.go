package eval

import (
	"context"

	"anomem/baseline"
	"anomem/dataset"
	"anomem/imageio"
)

// Collect scores all images of src with detectors that are fitted, and returns what each
// of them says. It decodes an image once for all detectors. With maps, heatmaps are
// collected, too, from the detectors that have them, of the images for which [Truth] is
// known. An error is src's, ctx's, or that of a map.
func Collect(ctx context.Context, src dataset.Source, maps bool, detectors ...baseline.Detector) ([]*Collector, error) {
	all := make([]*Collector, len(detectors))
	for k := range all {
		all[k] = new(Collector)
	}
	for i := range src.Len() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		img, err := src.Image(i)
		if err != nil {
			return nil, err
		}
		var mask *imageio.Mask
		known := false
		if maps {
			if mask, known, err = Truth(src, i); err != nil {
				return nil, err
			}
		}
		for k, d := range detectors {
			all[k].Add(d.Score(img), !src.Normal(i))
			if !known {
				continue
			}
			if m := d.Map(img); m != nil {
				if err := all[k].AddMap(m.Resize(img.W, img.H), mask); err != nil {
					return nil, err
				}
			}
		}
	}
	return all, nil
}

// Truth returns where image i of src is anomalous, as AddMap takes it, and whether that is
// known. Of a normal image it is: nowhere, and the mask is nil. Of an anomaly without a
// mask it is not.
func Truth(src dataset.Source, i int) (mask *imageio.Mask, known bool, err error) {
	if src.Normal(i) {
		return nil, true, nil
	}
	mask, err = src.Mask(i)
	return mask, mask != nil, err
}
