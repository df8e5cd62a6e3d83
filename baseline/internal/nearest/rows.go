// Package nearest finds the nearest of many vectors. All of its arithmetic is that of simd's
// kernels, so that distances have the same bits everywhere.
package nearest

import (
	"fmt"
	"math"

	"anomem/simd"
	"anomem/simd/pool"
)

// Rows are vectors to find the nearest of. Their mean is taken off them and off queries: it
// changes no distance, and less is lost by rounding.
type Rows struct {
	n, d    int
	mean    []float32 // [d]
	data    []float32 // [n d], less the mean
	squares []float32 // [n], their squared lengths
	factor  simd.Operand[float32]
}

// NewRows returns the rows of data, [n d], which it takes over. It panics unless there is a
// row, and rows are whole.
func NewRows(data []float32, d int) *Rows {
	if d < 1 || len(data) == 0 || len(data)%d != 0 {
		panic(fmt.Sprintf("nearest: %d values as rows of %d", len(data), d))
	}
	r := &Rows{n: len(data) / d, d: d, data: data, mean: make([]float32, d)}
	sums := make([]float64, d)
	simd.ColumnSums(sums, data, r.n, d)
	for i, s := range sums {
		r.mean[i] = float32(s / float64(r.n))
	}
	r.centre(data)
	r.squares = squaredLengths(data, d)
	r.factor = simd.Prepack(simd.Operand[float32]{Data: data, Stride: d, Trans: true}, r.n, d, 1)
	return r
}

// Len returns the number of rows.
func (r *Rows) Len() int { return r.n }

// centre takes the mean off rows.
func (r *Rows) centre(rows []float32) {
	for lo := 0; lo < len(rows); lo += r.d {
		simd.Sub(rows[lo:lo+r.d], rows[lo:lo+r.d], r.mean)
	}
}

func squaredLengths(rows []float32, d int) []float32 {
	squares := make([]float32, len(rows)/d)
	for i := range squares {
		squares[i] = simd.SumSq(rows[i*d : (i+1)*d])
	}
	return squares
}

// Squares returns the squared distances of queries [m d] from all rows, [m n], by
//
//	‖q - r‖² = ‖q‖² + ‖r‖² - 2q·r
//
// A distance that is small beside the lengths of the vectors, less the mean, loses digits.
// Squares panics unless queries are whole.
func (r *Rows) Squares(p *pool.Pool, queries []float32) []float32 {
	q := r.centred(queries)
	return r.between(p, q, squaredLengths(q, r.d))
}

// Own returns the squared distances of the rows from each other, [n n].
func (r *Rows) Own(p *pool.Pool) []float32 { return r.between(p, r.data, r.squares) }

// centred returns queries less the mean of the rows.
func (r *Rows) centred(queries []float32) []float32 {
	if len(queries)%r.d != 0 {
		panic(fmt.Sprintf("nearest: %d values as queries of %d", len(queries), r.d))
	}
	q := make([]float32, len(queries))
	copy(q, queries)
	r.centre(q)
	return q
}

// between is Squares of vectors less the mean, whose squared lengths are given.
func (r *Rows) between(p *pool.Pool, q, lengths []float32) []float32 {
	m := len(lengths)
	to := make([]float32, m*r.n)
	simd.Gemm(p, to, r.n, simd.Operand[float32]{Data: q, Stride: r.d}, r.factor, m, r.n, r.d, simd.Epilogue[float32]{})
	for i, length := range lengths {
		row := to[i*r.n : (i+1)*r.n]
		simd.Scale(row, row, -2)
		simd.Add(row, row, r.squares)
		simd.AddScalar(row, row, length)
		simd.MaxScalar(row, row, 0)
	}
	return to
}

// distance returns the distance of a vector less the mean from row i.
func (r *Rows) distance(q []float32, i int, scratch []float32) float64 {
	simd.Sub(scratch, q, r.data[i*r.d:(i+1)*r.d])
	return math.Sqrt(float64(simd.SumSq(scratch)))
}
