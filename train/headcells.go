package train

import (
	"context"
	"image"

	"anomem"
	"anomem/autograd"
	"anomem/dataset"
	"anomem/imageio"
	"anomem/nn/rng"
	"anomem/simd/pool"
	"anomem/train/augment"
)

// Heads are trained on about headPicks views of normal squares at most, and local ones on
// about normalCells normal cells.
var (
	headPicks   = 1 << 15 // but in a test
	normalCells = 1 << 16 // likewise
)

// anomalousCells is about how many anomalous cells of a row, at most: of a turned copy all
// are, and would outweigh those of defects.
const anomalousCells = 4

// CellsOf returns what heads are trained on, of every unit of d: views, of which the first
// is not augmented, and with a shift as many of a shifted copy. Of known anomalies there may
// be more views, but of those in bags, whose views are all one bag.
func CellsOf(ctx context.Context, m *anomem.Model, d dataset.Source, o Options, p *pool.Pool) (*Cells, error) {
	c := m.Config()
	units, err := unitsOf(c.Input, d, true)
	if err != nil {
		return nil, err
	}
	copies := 1
	if o.Shift != augment.None {
		copies = 2
	}
	v := newViewer(c, o, d, units)
	g := autograd.NewGraph[float32](p)
	cells := &Cells{Scales: make([][]float32, len(c.Scales))}
	picked := float64(headPicks) / float64(len(units)*o.Heads.Views) // of normal units
	share := float64(normalCells) / (min(picked, 1) * float64(len(units)*copies*o.Heads.Views*c.Head.Distances()))
	located, views, err := v.knownViews(o.Heads)
	if err != nil {
		return nil, err
	}
	for view := range views {
		shareOf := share // of normal cells
		if view >= o.Heads.Views {
			copies, shareOf = 1, 0 // more is to be learned of known anomalies alone
		}
		for lo := 0; lo < len(units); lo += cellRows {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			var picks []pick
			for u := lo; u < min(lo+cellRows, len(units)); u++ {
				r := rng.New(v.seed, rng.Name("head pick"), uint64(view), uint64(u))
				if located[u] || view < o.Heads.Views && (!units[u].normal || picked >= 1 || r.Float64() < picked) {
					picks = append(picks, pick{u, uint64(view)})
				}
			}
			if len(picks) == 0 {
				continue
			}
			x, err := v.headViews(ctx, g, p, c, picks, copies)
			if err != nil {
				return nil, err
			}
			var keep []bool // of the rows' cells
			for k := range v.rows {
				keep = cells.labelRow(&v, k, picks[k/copies], k%copies, shareOf, keep)
			}
			cells.add(g, m, m.Analyse(g, x), keep)
			g.Reset()
		}
	}
	return cells, nil
}

// knownViews tells of which units it is known where heads see an anomaly, and how many views
// they see of each: as many as the options ask for, but no more than headPicks in all.
func (v *viewer) knownViews(o HeadOptions) (located []bool, views int, err error) {
	located, n := make([]bool, len(v.units)), 0
	for u := range v.units {
		if located[u], err = v.located(u); err != nil {
			return nil, 0, err
		} else if located[u] {
			n++
		}
	}
	if n == 0 {
		return located, o.Views, nil
	}
	return located, max(o.Views, min(o.KnownViews, headPicks/n)), nil
}

// located tells whether unit u shows an anomaly of which it is known where heads see it.
func (v *viewer) located(u int) (bool, error) {
	if v.units[u].normal || v.units[u].bag > 0 {
		return false, nil
	}
	if v.cells == 0 {
		return true, nil
	}
	masks, err := v.masks([]pick{{u, 0}})
	return err == nil && masks[0] != nil, err
}

// labelRow appends the labels of row k, a copy of what was picked: one, or with local heads
// one for each cell that is kept, which keep is told.
func (c *Cells) labelRow(v *viewer, k int, p pick, copied int, share float64, keep []bool) []bool {
	u, self := v.units[p.unit], copied > 0
	if v.cells == 0 {
		bag := u.bag
		if self {
			bag = 0
		}
		c.label(u.image, 0, !self && u.normal, self, bag)
		return nil
	}
	labels := make([]Label, v.cells)
	v.label(labels, k, p.unit, v.rows[k].Mask != nil, self)
	_, anomalous, _ := countLabels(labels)
	r := rng.New(v.seed, rng.Name("head cells"), p.pass, uint64(p.unit), uint64(copied))
	for _, l := range labels {
		kept, bag := false, 0
		switch l {
		case Normal:
			kept = r.Float64() < share
		case Anomalous:
			kept = r.IntN(anomalous) < anomalousCells
		case Somewhere:
			kept, bag = true, u.image+1
		}
		if keep = append(keep, kept); kept {
			c.label(u.image, 0, l == Normal, self && l != Normal, bag)
		}
	}
	return keep
}

// headViews makes the rows of what is picked, each unit's copies one after another, for
// heads: in the first pass as scoring does, then augmented.
func (v *viewer) headViews(ctx context.Context, g *autograd.Graph[float32], p *pool.Pool, c anomem.Config, picks []pick, copies int) (*autograd.Tensor[float32], error) {
	plain := picks[0].pass == 0
	images, err := v.images(ctx, p, picks, !plain)
	if err != nil {
		return nil, err
	}
	masks, err := v.masks(picks)
	if err != nil {
		return nil, err
	}
	v.rows, v.cover = v.rows[:0], resized(v.cover, v.cells*copies*len(picks))
	for i, k := range picks {
		for copied := range copies {
			row := augment.Row{
				Image: images[i], Mask: masks[i], Cover: v.coverOf(len(v.rows)),
				View: rng.New(v.seed, rng.Name("head view"), k.pass, uint64(k.unit), uint64(copied)),
			}
			if copied > 0 {
				row.Shift = v.shift
				row.Shifting = rng.New(v.seed, rng.Name("head shift"), k.pass, uint64(k.unit), uint64(copied))
			}
			v.rows = append(v.rows, row)
		}
	}
	x := g.NewTensor(len(v.rows), c.Input.Size, c.Input.Size, 3)
	if plain {
		p.Run(&plainRows{c.Input, x.Data(), v.rows}, len(v.rows))
	} else {
		v.batch.Views(p, x.Data(), v.rows)
	}
	return x, nil
}

// plainRows prepares rows as scoring does, one a chunk.
type plainRows struct {
	in   anomem.Input
	dst  []float32
	rows []augment.Row
}

func (t *plainRows) Chunk(i int) {
	n := t.in.Size * t.in.Size * 3
	row := &t.rows[i]
	img, mask := row.Image, row.Mask
	if row.Shift != augment.None {
		r := row.Shifting
		var changed *imageio.Mask
		img, changed = row.Shift.Apply(img, &r)
		if mask != nil {
			changed.Add(mask)
		}
		mask = changed
	}
	if row.Cover != nil {
		augment.Cover(row.Cover, mask)
	}
	t.in.Prepare(t.dst[i*n:(i+1)*n], img, image.Rect(0, 0, img.W, img.H))
}
