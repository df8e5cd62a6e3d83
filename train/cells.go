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

// add appends the analysis of squares, whose labels the caller appends.
func (c *Cells) add(g *autograd.Graph[float32], m *anomem.Model, scales []anomem.Analysis) {
	side := m.Config().Head.Pool
	g.NoGrad(func() {
		for s, a := range scales {
			c.Scales[s] = append(c.Scales[s], g.AvgPoolTo(a.Delta, side, side).Data()...)
		}
	})
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
			cells.add(g, m, scales)
			for _, sq := range of {
				i := lo + sq.Image/n
				cells.Turn = append(cells.Turn, sq.Image%n)
				cells.Image, cells.Normal = append(cells.Image, i), append(cells.Normal, d.Normal(i))
				cells.Self = append(cells.Self, false)
				bag := 0
				if !d.Normal(i) && m.Config().Input.Tile > 0 {
					bag = i + 1
				}
				cells.Bag = append(cells.Bag, bag)
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

// CellsOf returns what heads are trained on, of every unit of d: views, of which the first
// is not augmented, and with a shift as many of a shifted copy.
func CellsOf(ctx context.Context, m *anomem.Model, d Data, o Options, p *pool.Pool) (*Cells, error) {
	in := m.Config().Input
	units, err := unitsOf(in, d, true)
	if err != nil {
		return nil, err
	}
	copies := 1
	if o.Shift != augment.None {
		copies = 2
	}
	v := newViewer(in, o, d, units)
	g := autograd.NewGraph[float32](p)
	cells := &Cells{Scales: make([][]float32, len(m.Config().Scales))}
	for view := range o.Heads.Views {
		for lo := 0; lo < len(units); lo += cellRows {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			var picks []pick
			for u := lo; u < min(lo+cellRows, len(units)); u++ {
				picks = append(picks, pick{u, uint64(view)})
			}
			images, err := v.images(ctx, p, picks, view > 0)
			if err != nil {
				return nil, err
			}
			v.rows = v.rows[:0]
			for i, p := range picks {
				u := p.unit
				for c := range copies {
					row := augment.Row{Image: images[i], View: rng.New(v.seed, rng.Name("head view"), p.pass, uint64(u), uint64(c))}
					bag := units[u].bag
					if c > 0 {
						row.Shift, bag = v.shift, 0
						row.Shifting = rng.New(v.seed, rng.Name("head shift"), p.pass, uint64(u), uint64(c))
					}
					v.rows = append(v.rows, row)
					cells.Image = append(cells.Image, units[u].image)
					cells.Turn = append(cells.Turn, 0)
					cells.Normal = append(cells.Normal, c == 0 && units[u].normal)
					cells.Self = append(cells.Self, c > 0)
					cells.Bag = append(cells.Bag, bag)
				}
			}
			x := g.NewTensor(len(v.rows), in.Size, in.Size, 3)
			if view == 0 {
				p.Run(&plainRows{in, x.Data(), v.rows}, len(v.rows))
			} else {
				v.batch.Views(p, x.Data(), v.rows)
			}
			cells.add(g, m, m.Analyse(g, x))
			g.Reset()
		}
	}
	return cells, nil
}

// plainRows prepares rows as scoring does, one a chunk.
type plainRows struct {
	in   anomem.Input
	dst  []float32
	rows []augment.Row
}

func (t *plainRows) Chunk(i int) {
	n := t.in.Size * t.in.Size * 3
	img := t.rows[i].Image
	if s := t.rows[i].Shift; s != augment.None {
		r := t.rows[i].Shifting
		img, _ = s.Apply(img, &r)
	}
	t.in.Prepare(t.dst[i*n:(i+1)*n], img, image.Rect(0, 0, img.W, img.H))
}
