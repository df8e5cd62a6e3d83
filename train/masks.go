package train

import (
	"fmt"

	"anomem/imageio"
)

// coverOf is where the cover of row k goes.
func (v *viewer) coverOf(k int) []float32 {
	if v.cells == 0 {
		return nil
	}
	return v.cover[k*v.cells : (k+1)*v.cells]
}

// label sets dst to the labels of row k's cells: that of a unit, of which masked tells
// whether a mask is known, or of a shifted copy of it.
func (v *viewer) label(dst []Label, k, unit int, masked, shifted bool) {
	switch normal := v.units[unit].normal; {
	case !shifted && normal:
		fillLabels(dst, Normal)
	case !shifted && !masked:
		fillLabels(dst, Somewhere)
	default:
		labelCells(dst, v.coverOf(k), normal || masked)
	}
}

// masks returns where what is picked is anomalous, for local heads; nil where nothing is
// or nobody knows.
func (v *viewer) masks(picks []pick) ([]*imageio.Mask, error) {
	masks := make([]*imageio.Mask, len(picks))
	if v.cells == 0 {
		return masks, nil
	}
	for i, p := range picks {
		u := v.units[p.unit]
		if u.normal || u.bag > 0 {
			continue
		}
		mask, ok := v.known[p.unit]
		if !ok {
			m, err := v.data.Mask(u.image)
			if err != nil {
				return nil, fmt.Errorf("train: %w", err)
			}
			if v.known == nil {
				v.known = map[int]*imageio.Mask{}
			}
			mask = u.maskOf(m)
			v.known[p.unit] = mask
		}
		masks[i] = mask
	}
	return masks, nil
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
