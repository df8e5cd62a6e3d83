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

// Heads are trained on about headPicks views of normal squares at most, and local heads on
// about normalCells normal cells.
var (
	headPicks   = 1 << 15 // less in a test
	normalCells = 1 << 16 // likewise
)

// anomalousCells is about the largest number of anomalous cells kept of a row. All cells of
// a rotated copy are anomalous, and would outweigh those of defects.
const anomalousCells = 4

// headViewer makes the views that heads are trained on.
type headViewer struct {
	viewer
	config  anomem.Config
	options HeadOptions

	located []bool  // for each unit, whether it is known where heads see an anomaly in it
	views   int     // of each located unit
	picked  float64 // share of the normal units' views that is picked, where all passes are whole
	share   float64 // of those, in this pass
}

// newHeadViewer returns a viewer of all units of d.
func newHeadViewer(c anomem.Config, o Options, d dataset.Source) (*headViewer, error) {
	units, err := unitsOf(c.Input, d, true)
	if err != nil {
		return nil, err
	}
	v := &headViewer{viewer: newViewer(c, o, d, units), config: c, options: o.Heads, views: o.Heads.Views, share: 1}
	v.picked = float64(headPicks) / float64(len(units)*o.Heads.Views)
	v.located = make([]bool, len(units))
	n := 0
	for u := range units {
		if v.located[u], err = v.isLocated(u); err != nil {
			return nil, err
		} else if v.located[u] {
			n++
		}
	}
	if n > 0 {
		v.views = max(o.Heads.Views, min(o.Heads.KnownViews, headPicks/n))
	}
	return v, nil
}

// isLocated reports whether unit u shows an anomaly and it is known where heads see it: in
// the whole unit or, with local heads, where its mask says.
func (v *headViewer) isLocated(u int) (bool, error) {
	if v.units[u].normal || v.units[u].bag > 0 {
		return false, nil
	}
	if v.cells == 0 {
		return true, nil
	}
	masks, err := v.masks([]pick{{u, 0}})
	return err == nil && masks[0] != nil, err
}

// CellsOf returns the cells that heads are trained on, from views of every unit of d. The
// first view is not augmented. With a shift, as many views of shifted copies are added.
// Located known anomalies may have more views. All views of an image whose anomaly is not
// located form one bag.
func CellsOf(ctx context.Context, m *anomem.Model, d dataset.Source, o Options, p *pool.Pool) (*Cells, error) {
	return cellsOf(ctx, m, d, o, func(pass int, _ float64) int { return o.Shares.ofPass(pass) }, nil, p)
}

// fewestViews is the least number of views of normal units in a pass, where there are so many.
const fewestViews = 64

// cellsOf is CellsOf, which tells how much is done unless tell is nil. Before each pass, shareOf
// returns its share in thousandths; further passes over known anomalies have one share. left is
// the share of all passes' views, were they whole, that is yet to come.
func cellsOf(ctx context.Context, m *anomem.Model, d dataset.Source, o Options, shareOf func(pass int, left float64) int, tell func(part string, done, total int), p *pool.Pool) (*Cells, error) {
	c := m.Config()
	v, err := newHeadViewer(c, o, d)
	if err != nil {
		return nil, err
	}
	copies := 1
	if o.Shift != augment.None {
		copies = 2
	}
	g := autograd.NewGraph[float32](p)
	cells := &Cells{Scales: make([][]float32, len(c.Scales))}
	before := 0.0 // the sum of the shares of the passes before
	for view := range v.views {
		if view <= o.Heads.Views {
			v.share = float64(shareOf(view, v.left(view, copies))) / wholeShare
		}
		mean := (before + v.share*float64(o.Heads.Views-view)) / float64(o.Heads.Views)
		normals := float64(normalCells) / (min(v.picked, 1) * mean * float64(len(v.units)*copies*o.Heads.Views*c.Head.Distances())) // the share that is kept
		if view >= o.Heads.Views {
			copies, normals = 1, 0 // further views show known anomalies alone
		}
		before += v.share
		for lo := 0; lo < len(v.units); lo += cellRows {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			picks := v.picks(view, lo, min(lo+cellRows, len(v.units)))
			if len(picks) == 0 {
				continue
			}
			x, err := v.headViews(ctx, g, p, picks, copies)
			if err != nil {
				return nil, err
			}
			var keep []bool // which of the rows' cells are kept
			for k := range v.rows {
				keep = v.labelRow(cells, k, picks[k/copies], k%copies, normals, keep)
			}
			scales := m.Analyse(g, x)
			for k := range v.rows {
				for s, a := range scales {
					a.Clear(k, v.parts.inside(0, k, s))
				}
			}
			cells.add(g, m, scales, keep)
			g.Reset()
			if tell != nil {
				tell("views for heads", view*len(v.units)+min(lo+cellRows, len(v.units)), v.views*len(v.units))
			}
		}
	}
	cells.Blank = v.blank
	return cells, nil
}

// picks returns the picks of a view among the units lo to hi-1.
func (v *headViewer) picks(view, lo, hi int) []pick {
	var picks []pick
	for u := lo; u < hi; u++ {
		r := rng.New(v.seed, rng.Name("head pick"), uint64(view), uint64(u))
		share := 1.0
		switch {
		case view >= v.options.Views && !v.located[u]:
			continue
		case view >= v.options.Views:
			share = v.share
		case v.units[u].normal:
			share = min(v.picked, 1) * v.share
		}
		if share >= 1 || r.Float64() < share {
			picks = append(picks, pick{u, uint64(view)})
		}
	}
	return picks
}

// left returns the share of all passes' views, were they whole, that a pass and those after it
// make.
func (v *headViewer) left(pass, copies int) float64 {
	located := 0.0
	for _, is := range v.located {
		if is {
			located++
		}
	}
	each := float64(copies) * (located + min(v.picked, 1)*(float64(len(v.units))-located))
	first := each * float64(v.options.Views)
	all := first + located*float64(v.views-v.options.Views)
	return (max(0, first-each*float64(pass)) + all - first) / all
}

// labelRow appends the labels of row k to c: one for the whole row or, with local heads,
// one for each cell that is kept. It returns keep, to which it has appended whether each
// cell is kept, or nil for whole rows.
func (v *headViewer) labelRow(c *Cells, k int, p pick, copied int, share float64, keep []bool) []bool {
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
	v.parts.unlabel(labels, 0, k)
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

// headViews makes the rows of the picked units, each unit followed by its copies. In the
// first pass it prepares them as scoring does, later it augments them.
func (v *headViewer) headViews(ctx context.Context, g *autograd.Graph[float32], p *pool.Pool, picks []pick, copies int) (*autograd.Tensor[float32], error) {
	plain := picks[0].pass == 0
	images, regions, err := v.images(ctx, p, picks, !plain)
	if err != nil {
		return nil, err
	}
	masks, err := v.masks(picks)
	if err != nil {
		return nil, err
	}
	v.rows = v.rows[:0]
	v.begin(copies * len(picks))
	for i, k := range picks {
		for copied := range copies {
			row := augment.Row{
				Image: images[i], Mask: masks[i], Cover: v.coverOf(len(v.rows)), Region: regions[i],
				View: rng.New(v.seed, rng.Name("head view"), k.pass, uint64(k.unit), uint64(copied)),
			}
			if copied > 0 {
				row.Shift = v.shift
				row.Shifting = rng.New(v.seed, rng.Name("head shift"), k.pass, uint64(k.unit), uint64(copied))
			}
			v.rows = append(v.rows, row)
		}
	}
	v.parts.begin(v.rows, 0)
	width, height := v.config.Input.Shape()
	x := g.NewTensor(len(v.rows), height, width, 3)
	if plain {
		p.Run(&plainRows{v.config.Input, x.Data(), v.rows}, len(v.rows))
	} else {
		v.batch.Views(p, x.Data(), v.rows)
	}
	return x, nil
}

// plainRows prepares rows as scoring does, one per chunk.
type plainRows struct {
	in   anomem.Input
	dst  []float32
	rows []augment.Row
}

func (t *plainRows) Chunk(i int) {
	w, h := t.in.Shape()
	n := w * h * 3
	row := &t.rows[i]
	img, mask, region := row.Image, row.Mask, row.Region
	if row.Shift != augment.None {
		r := row.Shifting
		var changed *imageio.Mask
		img, changed, region = row.Shift.ApplyWithin(img, region, &r)
		if mask != nil {
			changed.Add(mask)
		}
		mask = changed
	}
	if row.Cover != nil {
		augment.Cover(row.Cover, mask)
	}
	row.CoverInside(region)
	t.in.Prepare(t.dst[i*n:(i+1)*n], img, image.Rect(0, 0, img.W, img.H))
}
