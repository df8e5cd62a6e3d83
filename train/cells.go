package train

import (
	"context"
	"fmt"
	"image"

	"anomem"
	"anomem/autograd"
	"anomem/nn/rng"
	"anomem/simd/pool"
	"anomem/train/augment"
)

// Cells is what heads see of squares, φ(Δ) of eq. 10: for each scale [N Pool Pool C].
type Cells struct {
	Scales [][]float32
	Image  []int  // whose square it is
	Turn   []int  // by how many quarters that is turned, to be scored against
	Normal []bool // its label
	// Self tells squares of shifted copies, which are anomalies by their own label.
	Self []bool
	// Bag is, of an anomalous square of which nobody knows whether the anomaly is in it,
	// the number of its image, counted from 1; of any other 0. Of a bag the worst square
	// counts.
	Bag []int
}

// Len is N.
func (c *Cells) Len() int { return len(c.Image) }

// row returns what scale s has of square k.
func (c *Cells) row(s, k int) []float32 {
	n := len(c.Scales[s]) / c.Len()
	return c.Scales[s][k*n : (k+1)*n]
}

// Select returns the squares for which keep is true.
func (c *Cells) Select(keep func(k int) bool) *Cells {
	out := &Cells{Scales: make([][]float32, len(c.Scales))}
	for k := range c.Len() {
		if !keep(k) {
			continue
		}
		for s := range c.Scales {
			out.Scales[s] = append(out.Scales[s], c.row(s, k)...)
		}
		out.Image, out.Normal = append(out.Image, c.Image[k]), append(out.Normal, c.Normal[k])
		out.Self, out.Bag = append(out.Self, c.Self[k]), append(out.Bag, c.Bag[k])
		out.Turn = append(out.Turn, c.Turn[k])
	}
	return out
}

// add appends what heads see of squares at a time, whose labels the caller appends: all
// of it, or only what keep says.
func (c *Cells) add(g *autograd.Graph[float32], m *anomem.Model, scales []anomem.Analysis, keep []bool) {
	head := m.Config().Head
	g.NoGrad(func() {
		for s, a := range scales {
			all := g.AvgPoolTo(a.Delta, head.Pool, head.Pool).Data()
			if keep == nil {
				c.Scales[s] = append(c.Scales[s], all...)
				continue
			}
			n := head.Side() * head.Side() * a.Delta.Dim(3)
			for k, kept := range keep {
				if kept {
					c.Scales[s] = append(c.Scales[s], all[k*n:(k+1)*n]...)
				}
			}
		}
	})
}

// label appends the labels of a row.
func (c *Cells) label(image, turn int, normal, self bool, bag int) {
	c.Image, c.Turn = append(c.Image, image), append(c.Turn, turn)
	c.Normal, c.Self, c.Bag = append(c.Normal, normal), append(c.Self, self), append(c.Bag, bag)
}

// cellRows is how many squares are analysed at a time. It changes no bit.
const cellRows = 64

// PlainCells returns the cells of all squares of the images of d, as scoring sees them:
// with turns, those of an image's turned copies behind its own.
func PlainCells(ctx context.Context, m *anomem.Model, d Data, turns bool) (*Cells, error) {
	score := anomem.ScoreConfig{Turns: turns}
	n := score.Copies()
	cells := &Cells{Scales: make([][]float32, len(m.Config().Scales))}
	err := batches(ctx, d, func(lo int, images []*anomem.Image) {
		m.EachSquare(score.Turned(images), func(g *autograd.Graph[float32], of []anomem.Square, scales []anomem.Analysis) {
			cells.add(g, m, scales, nil)
			for _, sq := range of {
				i := lo + sq.Image/n
				bag := 0
				if !d.Normal(i) && (m.Config().Input.Tile > 0 || m.Config().Head.Local) {
					bag = i + 1
				}
				for range m.Config().Head.Distances() {
					cells.label(i, sq.Image%n, d.Normal(i), false, bag)
				}
			}
		})
	})
	return cells, err
}

// batches calls do with the images of d, some at a time, the first of which is number lo.
func batches(ctx context.Context, d Data, do func(lo int, images []*anomem.Image)) error {
	const some = 32
	for lo := 0; lo < d.Len(); lo += some {
		if err := ctx.Err(); err != nil {
			return err
		}
		var images []*anomem.Image
		for i := lo; i < min(lo+some, d.Len()); i++ {
			img, err := d.Image(i)
			if err != nil {
				return fmt.Errorf("train: %w", err)
			}
			images = append(images, img)
		}
		do(lo, images)
	}
	return nil
}

// headPicks is about how many views of normal squares heads are trained on, at most.
const headPicks = 1 << 15

// normalCells is about how many normal cells local heads are trained on, at most.
const normalCells = 1 << 16

// anomalousCells is about how many anomalous cells of a row, at most: of a turned copy all
// are, and would outweigh those of defects.
const anomalousCells = 4

// CellsOf returns what heads are trained on, of every unit of d: views, of which the first
// is not augmented, and with a shift as many of a shifted copy.
func CellsOf(ctx context.Context, m *anomem.Model, d Data, o Options, p *pool.Pool) (*Cells, error) {
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
	for view := range o.Heads.Views {
		for lo := 0; lo < len(units); lo += cellRows {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			var picks []pick
			for u := lo; u < min(lo+cellRows, len(units)); u++ {
				r := rng.New(v.seed, rng.Name("head pick"), uint64(view), uint64(u))
				if !units[u].normal || picked >= 1 || r.Float64() < picked {
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
			var keep []bool
			if c.Head.Local {
				keep = make([]bool, 0, len(v.rows)*v.cells)
			}
			for k := range v.rows {
				u := picks[k/copies].unit
				self := k%copies > 0
				bag := units[u].bag
				if self {
					bag = 0
				}
				if !c.Head.Local {
					cells.label(units[u].image, 0, !self && units[u].normal, self, bag)
					continue
				}
				labels := make([]Label, v.cells)
				v.label(labels, k, u, v.rows[k].Mask != nil, self)
				_, anomalous, _ := countLabels(labels)
				r := rng.New(v.seed, rng.Name("head cells"), uint64(view), uint64(u), uint64(k%copies))
				for _, l := range labels {
					kept := l == Somewhere ||
						l == Anomalous && r.IntN(anomalous) < anomalousCells ||
						l == Normal && r.Float64() < share
					if keep = append(keep, kept); !kept {
						continue
					}
					if l == Somewhere {
						bag = units[u].image + 1
					}
					cells.label(units[u].image, 0, l == Normal, self && l != Normal, bag)
				}
			}
			cells.add(g, m, m.Analyse(g, x), keep)
			g.Reset()
		}
	}
	return cells, nil
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
		var marked []bool
		img, marked = row.Shift.Apply(img, &r)
		for i, v := range mask {
			marked[i] = marked[i] || v
		}
		mask = marked
	}
	if row.Cover != nil {
		augment.Cover(row.Cover, mask, img.W, img.H)
	}
	t.in.Prepare(t.dst[i*n:(i+1)*n], img, image.Rect(0, 0, img.W, img.H))
}
