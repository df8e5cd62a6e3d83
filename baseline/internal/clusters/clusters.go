// Package clusters finds centres of the normal images' features by k-means.
package clusters

import (
	"math"

	"anomem/internal/lloyd"
	"anomem/nn/rng"
)

// rounds bounds the rounds of Lloyd's algorithm from each start.
const rounds = 300

// Find returns the centres of at most k clusters of rows [n d], row by row, and the sum of the
// squared distances of all rows from their own. Of several starts that with the least sum
// counts, the first of equal ones. There are fewer centres than k if there are fewer rows that
// differ.
//
// A start is drawn as k-means++ (D. Arthur and S. Vassilvitskii, SODA 2007): the first centre
// evenly, and each next one with a probability in proportion to a row's squared distance from
// the nearest that is drawn already.
func Find(rows []float32, d, k, starts int, seed uint64) (centres []float32, inertia float64) {
	x := wide(rows, d)
	for start := range starts {
		r := rng.New(seed, rng.Name("k-means++"), uint64(start))
		c := plusPlus(x, k, &r)
		found := lloyd.Run(x, c, rounds, nil)
		var sum float64
		for _, gap := range found.Gap {
			sum += gap
		}
		if start == 0 || sum < inertia {
			centres, inertia = narrow(c), sum
		}
	}
	return centres, inertia
}

// Spherical returns at most k directions of rows [n d] of length 1: the centres of clusters by
// cosines, each of length 1 (I. S. Dhillon and D. S. Modha, Concept decompositions for large sparse
// text data using clustering, Machine Learning 42, 2001). They start as those of Find and move at
// most so many times.
func Spherical(rows []float32, d, k, moves int, seed uint64) []float32 {
	x := wide(rows, d)
	r := rng.New(seed, rng.Name("k-means++"), 0)
	c := plusPlus(x, k, &r)
	lloyd.Run(x, c, moves, unit) // of rows and centres of length 1, the nearest has the largest cosine
	return narrow(c)
}

// unit scales a centre to length 1, and reports whether it has a direction.
func unit(centre []float64) bool {
	var square float64
	for _, v := range centre {
		square += float64(v * v)
	}
	if square == 0 {
		return false
	}
	length := math.Sqrt(square)
	for i := range centre {
		centre[i] /= length
	}
	return true
}

// plusPlus draws at most k of the rows as centres.
func plusPlus(x [][]float64, k int, r *rng.Stream) [][]float64 {
	var centres [][]float64
	gap := make([]float64, len(x))
	for next := r.IntN(len(x)); ; {
		centres = append(centres, append([]float64(nil), x[next]...))
		var total float64
		for i, row := range x {
			d := lloyd.SquaredDistance(row, x[next])
			if len(centres) == 1 || d < gap[i] {
				gap[i] = d
			}
			total += gap[i]
		}
		if total == 0 || len(centres) == k {
			return centres
		}
		next = pick(gap, float64(r.Float64()*total))
	}
}

// pick returns the first index up to which weights add to more than at, of those whose weight is
// above 0.
func pick(weights []float64, at float64) int {
	var sum float64
	last := 0
	for i, w := range weights {
		if w > 0 {
			last = i
			if sum += w; sum > at {
				break
			}
		}
	}
	return last
}

func wide(rows []float32, d int) [][]float64 {
	x := make([][]float64, len(rows)/d)
	for i := range x {
		x[i] = make([]float64, d)
		for j, v := range rows[i*d : (i+1)*d] {
			x[i][j] = float64(v)
		}
	}
	return x
}

func narrow(x [][]float64) []float32 {
	var rows []float32
	for _, row := range x {
		for _, v := range row {
			rows = append(rows, float32(v))
		}
	}
	return rows
}
