package train

import (
	"math"
	"slices"

	"anomem"
	"anomem/autograd"
	"anomem/simd/pool"
)

// headScores returns the merged score (eqs. 10 and 13) of each image of cells, in the order
// of their rows. At each scale the worst row counts, compared with those of the rotated
// copies if c says so. In a sum, the terms that cells hold are added.
func headScores(c anomem.Config, parts *anomem.Parts[float32], cells *Cells, p *pool.Pool) []float64 {
	if c.Score.Kind == anomem.ScoreSum {
		return sumScores(c, headDistances(c, parts.Heads, cells, p), cells)
	}
	c.Score.Rotations, c.Score.Kind = againstCopies(c), anomem.ScoreHeads
	scoring := c.Scoring()
	heads, own := parts.Heads, [][]float64(nil)
	if c.Head.Paired() {
		heads, own = parts.RotationHeads, headDistances(c, parts.Heads, cells, p)
	}
	copies := headDistances(c, heads, cells, p)
	n := scoring.Copies()
	scores := make([]float64, len(copies[0])/n)
	for i := range scores {
		scales := make([]float64, len(copies))
		for s := range scales {
			ownScore := 0.0
			if own != nil {
				ownScore = own[s][i*n]
			}
			scales[s] = scoring.AtScale(anomem.ScoreHeads, copies[s][i*n:(i+1)*n], ownScore)
		}
		scores[i] = scoring.Merge(scales)
	}
	return scores
}

// sumScores returns the merged score of each image of cells, each image once, from its
// distances by the heads and the terms that cells hold.
func sumScores(c anomem.Config, distances [][]float64, cells *Cells) []float64 {
	scoring := c.Scoring()
	var scores []float64
	last := -1
	for k, image := range cells.Image {
		if image == last {
			continue
		}
		last = image
		scales := make([]float64, len(distances))
		for s := range scales {
			scales[s] = scoring.BesideHeads(cells.Terms[k][s], distances[s][len(scores)])
		}
		scores = append(scores, scoring.Merge(scales))
	}
	return scores
}

// headDistances returns, for each scale, the distance (eq. 10) of each copy of each image of
// cells: the largest one of its rows, or of those of each level.
func headDistances(c anomem.Config, heads []*anomem.Head[float32], cells *Cells, p *pool.Pool) [][]float64 {
	scoring := c.Scoring()
	all := make([][]float64, len(heads))
	for s, copies := range levelDistances(c, heads, cells, p) {
		for _, worst := range copies {
			all[s] = append(all[s], scoring.OverLevels(s, worst))
		}
	}
	return all
}

// levelDistances returns, for each scale and each copy of each image of cells, the largest
// distance of its rows of each level.
func levelDistances(c anomem.Config, heads []*anomem.Head[float32], cells *Cells, p *pool.Pool) [][][]float64 {
	g := autograd.NewGraph[float32](p)
	worst := make([][][]float64, len(heads))
	for s, h := range heads {
		last := [2]int{-1, -1}
		for lo := 0; lo < cells.Len(); lo += cellRows {
			hi := min(lo+cellRows, cells.Len())
			x := g.NewTensor(hi-lo, c.Head.Side(), c.Head.Side(), c.Channels()[s])
			for k := lo; k < hi; k++ {
				row := cells.row(s, k)
				copy(x.Data()[(k-lo)*len(row):], row)
			}
			var d *autograd.Tensor[float32]
			g.NoGrad(func() { d = h.Cells(g, x) })
			for i, v := range d.Data() {
				if copied := [2]int{cells.Image[lo+i], cells.Quarters[lo+i]}; copied != last {
					worst[s], last = append(worst[s], slices.Repeat([]float64{math.Inf(-1)}, c.Input.Levels+1)), copied
				}
				w := &worst[s][len(worst[s])-1][cells.Level[lo+i]]
				*w = max(*w, float64(v))
			}
			g.Reset()
		}
	}
	return worst
}
