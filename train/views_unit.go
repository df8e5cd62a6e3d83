package train

import (
	"image"

	"anomem/dataset"
	"anomem/imageio"

	"anomem"
)

// A unit is what an epoch passes over: an image, or a tile of one.
type unit struct {
	image  int
	rect   image.Rectangle // of the tile; empty: the whole image
	normal bool
	// bag is, for a tile of an anomalous image of which nobody knows where the anomaly
	// is, the image's number, counted from 1; else 0.
	bag int
}

// A pick is a unit in a pass over it. Each pass shows other views of it.
type pick struct {
	unit int
	pass uint64
}

// unitsOf lists the units of d. A tile is anomalous if it touches its image's mask. Of
// an anomalous image without a mask nobody knows which tiles are: they are a bag, which
// is listed only where bags is set.
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
		// A mask that marks nothing does not tell either.
		unknown := !d.Normal(i) && !mask.Any()
		if unknown && !bags {
			continue
		}
		for _, r := range imageio.Tiles(w, h, in.Tile, in.Stride) {
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

// maskOf returns the unit's part of its image's mask; nil where that says nothing.
func (u unit) maskOf(m *imageio.Mask) *imageio.Mask {
	if !m.Any() {
		return nil
	}
	if u.rect.Empty() {
		return m
	}
	return m.Crop(u.rect)
}
