// Package lloyd moves centres to the means of the rows nearest to them (S. P. Lloyd, Least
// squares quantization in PCM, IEEE Transactions on Information Theory 28, 1982). All sums
// are in float64, in the order of the rows, so that the result is the same everywhere.
package lloyd

import "math"

// Clusters says which centre each row belongs to.
type Clusters struct {
	Home []int     // the centre of each row
	Gap  []float64 // the squared distance of each row from it
}

// Run moves centres [k c], of rows x [n c], until no row changes its centre, but at most
// rounds times. A row joins its nearest centre, the first of several. place is called with
// each centre after a move, which it may change; nil: centres stay where they are moved. A
// centre without rows, or for which place returns false, moves to the row that is farthest
// from its own centre.
func Run(x, centres [][]float64, rounds int, place func(centre []float64) bool) Clusters {
	c := Clusters{make([]int, len(x)), make([]float64, len(x))}
	for round := 0; c.assign(x, centres, round == 0) && round < rounds; round++ {
		c.move(x, centres, place)
	}
	return c
}

// assign finds each row's nearest centre. It returns changed, or true if any row has another
// centre than before.
func (c *Clusters) assign(x, centres [][]float64, changed bool) bool {
	for i, row := range x {
		best, gap := 0, math.Inf(1)
		for j, centre := range centres {
			if d := SquaredDistance(row, centre); d < gap {
				best, gap = j, d
			}
		}
		changed = changed || best != c.Home[i]
		c.Home[i], c.Gap[i] = best, gap
	}
	return changed
}

// move moves each centre to the mean of its rows.
func (c *Clusters) move(x, centres [][]float64, place func([]float64) bool) {
	count := make([]float64, len(centres))
	for _, centre := range centres {
		clear(centre)
	}
	for i, row := range x {
		count[c.Home[i]]++
		for j, v := range row {
			centres[c.Home[i]][j] += v
		}
	}
	for j, centre := range centres {
		for i := range centre {
			centre[i] /= max(count[j], 1)
		}
		if count[j] == 0 || place != nil && !place(centre) {
			far := 0
			for i, gap := range c.Gap {
				if gap > c.Gap[far] {
					far = i
				}
			}
			copy(centre, x[far])
			c.Gap[far] = 0 // the next such centre moves to another row
		}
	}
}

// SquaredDistance returns ‖x - y‖².
func SquaredDistance(x, y []float64) float64 {
	var sq float64
	for i, v := range x {
		d := v - y[i]
		sq += float64(d * d)
	}
	return sq
}
