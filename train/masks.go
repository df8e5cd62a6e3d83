package train

import (
	"fmt"
	"image"
	"slices"

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

// masks returns where what is picked is anomalous, W·H of each, as far as heads are local
// and anybody knows; nil where nothing is or nobody does.
func (v *viewer) masks(picks []pick) ([][]bool, error) {
	masks := make([][]bool, len(picks))
	t, ok := v.data.(Tiled)
	if v.cells == 0 || !ok {
		return masks, nil
	}
	for i, p := range picks {
		u := v.units[p.unit]
		if u.normal || u.bag > 0 {
			continue
		}
		mask, ok := v.known[p.unit]
		if !ok {
			m, err := t.Mask(u.image)
			if err != nil {
				return nil, fmt.Errorf("train: %w", err)
			}
			if v.known == nil {
				v.known = map[int][]bool{}
			}
			mask = u.maskOf(m)
			v.known[p.unit] = mask
		}
		masks[i] = mask
	}
	return masks, nil
}

// maskOf is the unit's part of its image's mask; nil where that says nothing.
func (u unit) maskOf(m *imageio.Mask) []bool {
	if m == nil || !slices.Contains(m.Pix, true) {
		return nil
	}
	whole := image.Rect(0, 0, m.W, m.H)
	rect := u.rect
	if rect.Empty() {
		rect = whole
	}
	mask := make([]bool, rect.Dx()*rect.Dy())
	inside := rect.Intersect(whole)
	for y := inside.Min.Y; y < inside.Max.Y; y++ {
		copy(mask[(y-rect.Min.Y)*rect.Dx()+inside.Min.X-rect.Min.X:], m.Pix[y*m.W+inside.Min.X:y*m.W+inside.Max.X])
	}
	return mask
}
