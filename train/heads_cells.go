package train

import (
	"context"
	"fmt"

	"anomem"
	"anomem/autograd"
	"anomem/dataset"
	"anomem/imageio"
)

// Cells holds N inputs of heads, φ(Δ) of eq. 10, and their labels. A row is a square or,
// with local heads, a single cell of one.
type Cells struct {
	Scales   [][]float32 // for each scale [N Side Side C]
	Image    []int       // the image of each row
	Level    []int       // of the pyramid, that the row is of; 0 where that does not matter
	Quarters []int       // quarter turns by which the row shows its image rotated, for comparison
	Normal   []bool      // the label
	// Self marks self-labelled anomalies: rows of shifted copies.
	Self []bool
	// Bag is the number of the image, counted from 1, of an anomalous row if it is not
	// known which rows of the image show the anomaly; else 0. Only the worst row of a bag
	// counts.
	Bag []int
	// Terms is the score at each scale of the row's image by the terms of a sum, without
	// heads; nil unless the cells are PlainCells of a model whose score is a sum.
	Terms [][]float64

	Blank bool // a normal image of one colour is among the images
}

// Len returns N.
func (c *Cells) Len() int { return len(c.Image) }

// row returns the input of row k at scale s.
func (c *Cells) row(s, k int) []float32 {
	n := len(c.Scales[s]) / c.Len()
	return c.Scales[s][k*n : (k+1)*n]
}

// Select returns the rows for which keep is true.
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
		out.Quarters, out.Level = append(out.Quarters, c.Quarters[k]), append(out.Level, c.Level[k])
		if c.Terms != nil {
			out.Terms = append(out.Terms, c.Terms[k])
		}
	}
	return out
}

// add appends the inputs of analysed squares, all rows of them or, unless keep is nil,
// those that keep marks. The caller appends their labels.
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

// renumber adds by to the numbers of images, and renumbers bags to match.
func (c *Cells) renumber(by int) {
	for k := range c.Len() {
		c.Image[k] += by
		if c.Bag[k] > 0 {
			c.Bag[k] = c.Image[k] + 1
		}
	}
}

// append appends the rows of d.
func (c *Cells) append(d *Cells) {
	for s := range d.Scales {
		c.Scales[s] = append(c.Scales[s], d.Scales[s]...)
	}
	c.Image, c.Normal = append(c.Image, d.Image...), append(c.Normal, d.Normal...)
	c.Self, c.Bag = append(c.Self, d.Self...), append(c.Bag, d.Bag...)
	c.Quarters, c.Level = append(c.Quarters, d.Quarters...), append(c.Level, d.Level...)
}

// knownOf returns the numbers of the images with known anomalies, in the order of their
// rows.
func knownOf(cells *Cells) []int {
	var images []int
	seen := map[int]bool{}
	for k, i := range cells.Image {
		if !cells.Normal[k] && !cells.Self[k] && !seen[i] {
			seen[i] = true
			images = append(images, i)
		}
	}
	return images
}

// label appends the labels of a row.
func (c *Cells) label(image, quarters int, normal, self bool, bag int) {
	c.Image, c.Quarters = append(c.Image, image), append(c.Quarters, quarters)
	c.Normal, c.Self, c.Bag = append(c.Normal, normal), append(c.Self, self), append(c.Bag, bag)
	c.Level = append(c.Level, 0)
}

// cellRows is the number of squares analysed at a time. It changes no bit.
const cellRows = 64

// PlainCells returns the cells of all squares of the images of d as scoring sees them,
// without augmentation, but for those outside the images' regions. With rotations, the
// cells of an image's rotated copies follow its own. If the score of m is a sum, which then
// must be without heads, they have the scores of its terms.
func PlainCells(ctx context.Context, m *anomem.Model, d dataset.Source, rotations bool) (*Cells, error) {
	c := m.Config()
	c.Score.Rotations = rotations
	scoring := c.Scoring()
	n := scoring.Copies()
	cells := &Cells{Scales: make([][]float32, len(m.Config().Scales))}
	head := m.Config().Head
	err := batches(ctx, d, func(lo int, images []*imageio.Image, regions []*imageio.Mask) {
		for i, img := range images {
			cells.Blank = cells.Blank || d.Normal(lo+i) && img.Constant()
		}
		m.EachSquare(scoring.CopiesOf(images), scoring.RegionsOf(regions), func(g *autograd.Graph[float32], of []anomem.Square, scales []anomem.Analysis) {
			var keep []bool
			for _, sq := range of {
				i := lo + sq.Image/n
				bag := 0
				if !d.Normal(i) && (m.Config().Input.Tile > 0 || head.Local) {
					bag = i + 1
				}
				for _, kept := range keptOf(head, sq) {
					if keep = append(keep, kept); kept {
						cells.label(i, sq.Image%n, d.Normal(i), false, bag)
						cells.Level[cells.Len()-1] = sq.Level
					}
				}
			}
			cells.add(g, m, scales, keep)
		})
		if m.Config().Score.Kind == anomem.ScoreSum {
			results := m.ScoreBatchIn(images, regions)
			for _, i := range cells.Image[len(cells.Terms):] {
				cells.Terms = append(cells.Terms, results[i-lo].Scales)
			}
		}
	})
	return cells, err
}

// keptOf reports which rows of a square count: its cells that hold a pixel of the region or,
// unless heads are local, the whole square.
func keptOf(head anomem.HeadConfig, sq anomem.Square) []bool {
	kept := make([]bool, head.Distances())
	for i := range kept {
		kept[i] = true
	}
	if in := sq.Inside(head.Pool, head.Pool); in != nil && head.Local {
		return in
	}
	return kept
}

// batches calls do with the images of d and their regions in order, some at a time. lo is
// the number of the first one.
func batches(ctx context.Context, d dataset.Source, do func(lo int, images []*imageio.Image, regions []*imageio.Mask)) error {
	const most, pixels = 32, 8 << 20 // of large images few are in memory
	for lo := 0; lo < d.Len(); {
		if err := ctx.Err(); err != nil {
			return err
		}
		hi, sum := lo, 0
		for ; hi < min(lo+most, d.Len()); hi++ {
			w, h := d.Size(hi)
			if sum += w * h; hi > lo && sum > pixels {
				break
			}
		}
		var images []*imageio.Image
		var regions []*imageio.Mask
		for i := lo; i < hi; i++ {
			img, err := d.Image(i)
			if err != nil {
				return fmt.Errorf("train: %w", err)
			}
			region, err := d.Region(i)
			if err != nil {
				return fmt.Errorf("train: %w", err)
			}
			images, regions = append(images, img), append(regions, region)
		}
		do(lo, images, regions)
		lo = hi
	}
	return nil
}
