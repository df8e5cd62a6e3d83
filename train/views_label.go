package train

import (
	"fmt"

	"anomem/dataset"
	"anomem/imageio"
)

// Label is what is known of a cell of a view, for local heads.
type Label uint8

const (
	Normal    Label = iota
	Anomalous       // enough of it shows an anomaly
	Somewhere       // at least one of its row's cells with this label shows an anomaly
	Unknown         // the rim of an anomaly, or beside one where there may be others
)

// labeller labels the cells of views for local heads.
type labeller struct {
	data  dataset.Source
	units []unit
	cells int // labelled cells of a view; 0: heads are not local
	cover []float32
	known map[int]*imageio.Mask // masks of the units that were asked for
}

// begin makes room for the cover of rows.
func (l *labeller) begin(rows int) { l.cover = resized(l.cover, l.cells*rows) }

// coverOf returns where the cover of row k goes; nil if heads are not local.
func (l *labeller) coverOf(k int) []float32 {
	if l.cells == 0 {
		return nil
	}
	return l.cover[k*l.cells : (k+1)*l.cells]
}

// label sets dst to the labels of row k's cells. The row shows a unit, of which masked
// tells whether a mask is known, or a shifted copy of it.
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

// masks returns where the picked units are anomalous, for local heads; nil where nothing is
// or nobody knows.
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

// coverLeast is the share of a cell from which on an anomaly makes it anomalous.
const coverLeast = 0.1

// labelCells sets dst to the labels of a row's cells, of which cover says how much is
// anomalous. normal tells whether what is not covered is known to be normal.
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
	if cover[most] > 0 { // a small anomaly has a cell, too
		dst[most] = Anomalous
	}
}

// fillLabels sets all of dst to l.
func fillLabels(dst []Label, l Label) {
	for i := range dst {
		dst[i] = l
	}
}

// countLabels counts a row's labels.
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
