package learn

import (
	"context"

	"anomem/baseline/internal/normals"
	"anomem/dataset"
	"anomem/imageio"
)

// Images are images of one size in memory: the normal ones, and known anomalies.
type Images struct{ Normal, Anomalous []*imageio.Image }

// Read returns the images of src at side×side pixels, whatever their proportions; known
// anomalies only if they are asked for. Its errors are those of package normals, and begin
// with the detector's name.
func Read(ctx context.Context, name string, src dataset.Source, side int, anomalies bool) (*Images, error) {
	all := new(Images)
	add := func(to *[]*imageio.Image, i int) error {
		img, err := normals.Image(name, src, i)
		if err == nil {
			*to = append(*to, img.Resize(side, side))
		}
		return err
	}
	err := normals.Each(ctx, name, src, func(i int) error { return add(&all.Normal, i) })
	if err != nil || !anomalies {
		return all, err
	}
	for i := range src.Len() {
		if src.Normal(i) {
			continue
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := add(&all.Anomalous, i); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// All returns the normal images and then the anomalies.
func (m *Images) All() []*imageio.Image {
	return append(append([]*imageio.Image(nil), m.Normal...), m.Anomalous...)
}
