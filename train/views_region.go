package train

import (
	"image"

	"anomem/loss"
	"anomem/train/augment"
)

// A regionViews finds which cells of the views of images with regions of interest count.
type regionViews struct {
	sizes []image.Point // columns and rows of each scale's map and, with local heads, of the cells' grid
	scale int           // number of scales
	cover [2][]float32
}

// each returns the number of cells of a row, over all grids.
func (v *regionViews) each() int {
	n := 0
	for _, size := range v.sizes {
		n += size.X * size.Y
	}
	return n
}

// begin gives each row room for the share of each of its cells that lies in its region; no
// row if none has a region.
func (v *regionViews) begin(rows []augment.Row, view int) {
	v.cover[view] = v.cover[view][:0]
	if !hasRegion(rows) {
		return
	}
	each := v.each()
	v.cover[view] = resized(v.cover[view], each*len(rows))
	for k := range rows {
		rest := v.cover[view][k*each : (k+1)*each]
		rows[k].Inside = nil
		for _, size := range v.sizes {
			n := size.X * size.Y
			rows[k].Inside = append(rows[k].Inside, augment.Grid{Rows: size.Y, Cols: size.X, Value: rest[:n]})
			rest = rest[n:]
		}
	}
}

func hasRegion(rows []augment.Row) bool {
	for k := range rows {
		if rows[k].Region != nil {
			return true
		}
	}
	return false
}

// inside reports which cells of grid i of row k of a view lie in its region; nil: all.
func (v *regionViews) inside(view, k, i int) []bool {
	if len(v.cover[view]) == 0 {
		return nil
	}
	from := k * v.each()
	for _, size := range v.sizes[:i] {
		from += size.X * size.Y
	}
	cells := make([]bool, v.sizes[i].X*v.sizes[i].Y)
	for c := range cells {
		cells[c] = v.cover[view][from+c] > 0
	}
	return cells
}

// unlabel makes the labels of row k's cells outside its region Unknown.
func (v *regionViews) unlabel(labels []Label, view, k int) {
	if len(v.sizes) == v.scale {
		return
	}
	for c, in := range v.inside(view, k, v.scale) {
		if !in {
			labels[c] = Unknown
		}
	}
}

// places returns the cell that each row of a batch has at each sampled position, [rows P]
// for each scale; nil: the position itself. A position outside the region in either view of
// the row is replaced by one inside both, so that nothing is learned of the outside. There
// may be one view alone.
func (v *regionViews) places(rows, views int, positions [][]loss.Position) [][]int32 {
	if len(v.cover[0]) == 0 {
		return nil
	}
	all := make([][]int32, v.scale)
	for s := range all {
		cols := v.sizes[s].X
		for k := range rows {
			in, second := v.inside(0, k, s), v.inside(views-1, k, s)
			var both []int32
			for c := range in {
				if in[c] = in[c] && second[c]; in[c] {
					both = append(both, int32(c))
				}
			}
			for p, q := range positions[s] {
				c := int32(q.Y*cols + q.X)
				if !in[c] && len(both) > 0 {
					c = both[p%len(both)]
				}
				all[s] = append(all[s], c)
			}
		}
	}
	return all
}
