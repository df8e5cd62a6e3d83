package train

// Label is what is known of a cell of a view, for local heads.
type Label uint8

const (
	Normal    Label = iota
	Anomalous       // enough of it shows an anomaly
	Somewhere       // one of its row's cells of this label shows an anomaly at least
	Unknown         // the rim of an anomaly, or beside one where there may be others
)

// coverLeast is the share of a cell from which on an anomaly makes it anomalous.
const coverLeast = 0.1

// labelCells sets dst to the labels of a row's cells of which cover says how much is
// anomalous. Where nothing is, normal tells whether that is known.
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
	if cover[most] > 0 { // small ones have a cell, too
		dst[most] = Anomalous
	}
}

// fillLabels sets all of dst to l.
func fillLabels(dst []Label, l Label) {
	for i := range dst {
		dst[i] = l
	}
}
