package train

import (
	"image"

	"anomem/dataset"
	"anomem/imageio"

	"anomem"
)

// A unit is an image or a tile of one. Epochs pass over units.
type unit struct {
	image  int
	rect   image.Rectangle // of the tile; empty: the whole image
	normal bool
	// bag is the number of the image, counted from 1, for a tile of an anomalous image
	// without a mask; else 0.
	bag int
}

// A pick is a unit in one pass over it. Each pass shows other views.
type pick struct {
	unit int
	pass uint64
}

// unitsOf returns the units of d, without tiles outside the region of interest. Further levels
// of a pyramid are scored, not trained on (weighLevels). A tile is anomalous if it touches the
// mask of its image. The tiles of an anomalous image without a mask form a bag, since it is not
// known which are anomalous. Bags are left out unless bags is set.
func unitsOf(in anomem.Input, d dataset.Source, bags bool) ([]unit, error) {
	var all []unit
	if in.Tile == 0 {
		for i := range d.Len() {
			all = append(all, unit{image: i, normal: d.Normal(i)})
		}
		return all, nil
	}
	for i := range d.Len() {
		w, h := d.Size(i)
		var mask *imageio.Mask
		if !d.Normal(i) {
			var err error
			if mask, err = d.Mask(i); err != nil {
				return nil, err
			}
		}
		// A mask that marks nothing does not locate the anomaly either.
		unknown := !d.Normal(i) && !mask.Any()
		if unknown && !bags {
			continue
		}
		region, err := d.Region(i)
		if err != nil {
			return nil, err
		}
		for _, r := range in.Tiles(w, h, 0) {
			if region != nil && !region.AnyIn(r) {
				continue
			}
			u := unit{image: i, rect: r, normal: d.Normal(i)}
			if unknown {
				u.bag = i + 1
			} else if mask != nil {
				u.normal = !mask.AnyIn(r)
			}
			all = append(all, u)
		}
	}
	return all, nil
}

// maskOf returns the unit's part of the mask of its image, or nil if the mask marks
// nothing.
func (u unit) maskOf(m *imageio.Mask) *imageio.Mask {
	if !m.Any() {
		return nil
	}
	if u.rect.Empty() {
		return m
	}
	return m.Crop(u.rect)
}
