package train

import (
	"fmt"

	"anomem/dataset"
	"anomem/imageio"
)

// Label is the label of a cell of a view, for local heads.
type Label uint8

const (
	Normal    Label = iota
	Anomalous       // enough of the cell shows an anomaly
	Somewhere       // at least one of the row's cells with this label shows an anomaly
	Unknown         // at the rim of an anomaly, or where there may be other anomalies
)

// labeller labels the cells of views for local heads.
type labeller struct {
	data  dataset.Source
	units []unit
	cells int                   // number of cells of a view; 0: heads are not local
	cover []float32             // for each cell of each row, its anomalous share
	known map[int]*imageio.Mask // masks of the units seen so far
}

// begin makes room for the cover of rows.
func (l *labeller) begin(rows int) { l.cover = resized(l.cover, l.cells*rows) }

// coverOf returns the cover of row k, to be filled, or nil if heads are not local.
func (l *labeller) coverOf(k int) []float32 {
	if l.cells == 0 {
		return nil
	}
	return l.cover[k*l.cells : (k+1)*l.cells]
}

// label sets dst to the labels of row k's cells. The row shows a unit or a shifted copy of
// it. masked says whether the unit has a mask.
func (l *labeller) label(dst []Label, k, unit int, masked, shifted bool) {
	switch normal := l.units[unit].normal; {
	case !shifted && normal:
		fillLabels(dst, Normal)
	case !shifted && !masked:
		fillLabels(dst, Somewhere)
	default:
		labelCells(dst, l.coverOf(k), normal || masked)
	}
}

// masks returns where the picked units are anomalous, for local heads. A mask is nil if
// nothing is, or if it is not known where.
func (l *labeller) masks(picks []pick) ([]*imageio.Mask, error) {
	masks := make([]*imageio.Mask, len(picks))
	if l.cells == 0 {
		return masks, nil
	}
	for i, p := range picks {
		u := l.units[p.unit]
		if u.normal || u.bag > 0 {
			continue
		}
		mask, ok := l.known[p.unit]
		if !ok {
			m, err := l.data.Mask(u.image)
			if err != nil {
				return nil, fmt.Errorf("train: %w", err)
			}
			if l.known == nil {
				l.known = map[int]*imageio.Mask{}
			}
			mask = u.maskOf(m)
			l.known[p.unit] = mask
		}
		masks[i] = mask
	}
	return masks, nil
}

// coverLeast is the anomalous share of a cell from which on the cell counts as anomalous.
const coverLeast = 0.1

// labelCells sets dst to the labels of a row's cells with the anomalous shares cover.
// normal says whether what is not covered is known to be normal.
func labelCells(dst []Label, cover []float32, normal bool) {
	most := 0
	for i, c := range cover {
		if c > cover[most] {
			most = i
		}
		switch {
		case c >= coverLeast:
			dst[i] = Anomalous
		case c > 0 || !normal:
			dst[i] = Unknown
		default:
			dst[i] = Normal
		}
	}
	if cover[most] > 0 { // even a small anomaly has a cell
		dst[most] = Anomalous
	}
}

// fillLabels sets all of dst to l.
func fillLabels(dst []Label, l Label) {
	for i := range dst {
		dst[i] = l
	}
}

// countLabels returns how many of a row's cells have each label.
func countLabels(labels []Label) (normal, anomalous, somewhere int) {
	for _, l := range labels {
		switch l {
		case Normal:
			normal++
		case Anomalous:
			anomalous++
		case Somewhere:
			somewhere++
		}
	}
	return normal, anomalous, somewhere
}
