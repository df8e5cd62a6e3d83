package hopfield

import (
	"math"

	"anomem/autograd"
	"anomem/internal/lloyd"
	"anomem/nn/rng"
)

// KMeans returns a memory whose n patterns are the centres that Lloyd's algorithm finds
// in features [R C] in at most rounds rounds. It starts from rows drawn as in
// FromFeatures, with the same errors. Under Unit rows and centres are on the unit sphere
// (spherical k-means).
//
// A row joins its nearest centre, the first of several. A centre without rows or, under
// Unit, without direction moves to the row that is farthest from its own centre. All sums are
// in float64, in the order of the rows, so the result is the same on every architecture.
func KMeans[T autograd.Float](features []T, c, n, rounds int, r rng.Stream, cfg Config) (*Memory[T], error) {
	rows, err := usable(features, c, n)
	if err != nil {
		return nil, err
	}
	var place func(x []float64) bool
	if cfg.Similarity == Unit {
		place = onSphere
	}
	x := make([][]float64, len(rows))
	for at, row := range rows {
		x[at] = make([]float64, c)
		for i, v := range features[row*c : (row+1)*c] {
			x[at][i] = float64(v)
		}
		if place != nil {
			place(x[at])
		}
	}
	start := make([]int, len(rows))
	for i := range start {
		start[i] = i
	}
	draw(start, n, &r)
	var centres [][]float64
	for _, i := range start[:n] {
		centres = append(centres, append([]float64(nil), x[i]...))
	}
	lloyd.Run(x, centres, rounds, place)
	m := empty[T](n, c, cfg)
	for i, centre := range centres {
		for j, v := range centre {
			m.Patterns.Data()[i*c+j] = T(v)
		}
	}
	return m, nil
}

// onSphere scales x to unit length. It reports false if x has no direction.
func onSphere(x []float64) bool {
	var sq float64
	for _, v := range x {
		sq += float64(v * v)
	}
	if sq <= shortest*shortest {
		return false
	}
	length := math.Sqrt(sq)
	for i := range x {
		x[i] /= length
	}
	return true
}
