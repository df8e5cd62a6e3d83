package autograd

import "anomem/simd"

// columnSums is the task of summing n matrices x, rows × cols, down their columns.
// Each chunk of simd.ColumnChunk rows is summed by itself, so that threads share the
// chunks; total adds the chunks in order. The bits are those of simd.ColumnSums.
type columnSums[T Float] struct {
	x, y       []T // y nil, or a second factor
	through    []T // nil, or the result of a ReLU that x is passed back through first
	rows, cols int
	chunks     int       // a matrix
	sum        []float64 // of x, a row of cols for each chunk
	prod       []float64 // of x·y, or of x² where y is nil; nil if not asked for
}

// columns runs the task for n matrices, with the sums of x² if squares is set; total
// then returns the sums.
func (g *Graph[T]) columns(x []T, n, rows, cols int, squares bool) *columnSums[T] {
	op := g.newColumns(n, rows, cols, squares)
	op.x = x
	g.forward(op, n*op.chunks, min(rows, simd.ColumnChunk)*cols)
	return op
}

// columnDots runs the task for one matrix, with the sums of x·y. Unless through is
// nil, x is first passed back, in place, through the ReLU whose result is through.
func (g *Graph[T]) columnDots(x, y, through []T, rows, cols int) *columnSums[T] {
	op := g.newColumns(1, rows, cols, true)
	op.x, op.y, op.through = x, y, through
	g.forward(op, op.chunks, min(rows, simd.ColumnChunk)*cols)
	return op
}

// moments stores the sums and the sums of squares of the columns of x, a row of cols
// for each chunk.
func (g *Graph[T]) moments(sum, square []float64, x []T, rows, cols int) {
	op := NewOp[columnSums[T]](g)
	*op = columnSums[T]{x: x, rows: rows, cols: cols, chunks: (rows + simd.ColumnChunk - 1) / simd.ColumnChunk, sum: sum, prod: square}
	clear(sum)
	clear(square)
	g.forward(op, op.chunks, min(rows, simd.ColumnChunk)*cols)
}

func (g *Graph[T]) newColumns(n, rows, cols int, products bool) *columnSums[T] {
	op := NewOp[columnSums[T]](g)
	*op = columnSums[T]{rows: rows, cols: cols, chunks: (rows + simd.ColumnChunk - 1) / simd.ColumnChunk}
	op.sum = g.doubles.take(n * op.chunks * cols)
	clear(op.sum)
	if products {
		op.prod = g.doubles.take(n * op.chunks * cols)
		clear(op.prod)
	}
	return op
}

func (op *columnSums[T]) forward(lo, hi int) {
	for i := lo; i < hi; i++ {
		from := i % op.chunks * simd.ColumnChunk
		rows := min(simd.ColumnChunk, op.rows-from)
		from = (i/op.chunks*op.rows + from) * op.cols
		to := from + rows*op.cols
		x, at := op.x[from:to], i*op.cols
		sum := op.sum[at : at+op.cols]
		switch {
		case op.prod == nil:
			simd.ColumnSums(sum, x, rows, op.cols)
		case op.y == nil:
			simd.ColumnMoments(sum, op.prod[at:at+op.cols], x, rows, op.cols)
		default:
			through := op.through
			if through != nil {
				through = through[from:to]
			}
			simd.NormGradSums(sum, op.prod[at:at+op.cols], x, op.y[from:to], through, rows, op.cols)
		}
	}
}

func (op *columnSums[T]) backward(int, int, []T) {}

// total adds up the chunks of matrix i in order and returns its sums and, where
// they were asked for, its sums of products.
func (op *columnSums[T]) total(i int) (sum, prod []float64) {
	return op.add(op.sum, i), op.add(op.prod, i)
}

func (op *columnSums[T]) add(parts []float64, i int) []float64 {
	if parts == nil {
		return nil
	}
	n := op.cols
	parts = parts[i*op.chunks*n : (i+1)*op.chunks*n]
	for len(parts) > n {
		next := parts[n : 2*n]
		for c, v := range parts[:n] {
			next[c] += v
		}
		parts = parts[n:]
	}
	return parts
}

// sumColumns returns the sums down the columns of each of n matrices of rows × cols.
func (g *Graph[T]) sumColumns(x []T, n, rows, cols int) []T {
	out := g.floats.take(n * cols)
	op := g.columns(x, n, rows, cols, false)
	for i := range n {
		sum, _ := op.total(i)
		for c, v := range sum {
			out[i*cols+c] = T(v)
		}
	}
	return out
}
