package simd

// Sums down the columns of x, which is rows*cols elements, row after row. Each
// function adds to totals in float64, of cols elements, and panics unless every
// operand has the size that follows.
//
// In float32 the rows are taken in chunks of 128 from row 0. Within a chunk a
// column is summed in float32 from +0, in row order, and the chunks are added to
// the total in float64, in index order: one float32 sum over 100,000 rows errs by
// 1e-3 in a variance, this by 4e-7. Threads get the same bits if rows are split
// between chunks and the parts are added in order.

// ColumnChunk is the number of rows that are summed in float32.
const ColumnChunk = 128

// ColumnSums adds Σ_r x[r,c] to sum[c].
func ColumnSums[T Float](sum []float64, x []T, rows, cols int) {
	wantLen("ColumnSums", "x", len(x), area("ColumnSums", rows, cols))
	wantLen("ColumnSums", "sum", len(sum), cols)
	if is32[T]() {
		for r := 0; r < rows; r += ColumnChunk {
			n := min(ColumnChunk, rows-r)
			active.columnSums(sum, as32(x[r*cols:(r+n)*cols]), n, cols)
		}
		return
	}
	for r := range rows {
		for c, v := range x[r*cols : (r+1)*cols] {
			sum[c] += float64(v)
		}
	}
}

func columnSumsGo(sum []float64, x []float32, rows, cols int) {
	for c := range cols {
		var s float32
		for r := range rows {
			s += x[r*cols+c]
		}
		sum[c] += float64(s)
	}
}

// ColumnMoments adds Σ_r x[r,c] to sum[c] and Σ_r x[r,c]², by fma, to sumsq[c].
func ColumnMoments[T Float](sum, sumsq []float64, x []T, rows, cols int) {
	wantLen("ColumnMoments", "x", len(x), area("ColumnMoments", rows, cols))
	wantLen("ColumnMoments", "sum", len(sum), cols)
	wantLen("ColumnMoments", "sumsq", len(sumsq), cols)
	if is32[T]() {
		for r := 0; r < rows; r += ColumnChunk {
			n := min(ColumnChunk, rows-r)
			active.columnMoments(sum, sumsq, as32(x[r*cols:(r+n)*cols]), cols, n, cols)
		}
		return
	}
	for r := range rows {
		for c, v := range x[r*cols : (r+1)*cols] {
			sum[c] += float64(v)
			sumsq[c] += float64(v * v)
		}
	}
}

func columnMomentsGo(sum, sumsq []float64, x []float32, stride, rows, cols int) {
	for c := range cols {
		var s, q float32
		for r := range rows {
			v := x[r*stride+c]
			s += v
			q = FMA32(v, v, q)
		}
		sum[c] += float64(s)
		sumsq[c] += float64(q)
	}
}

// ColumnDots adds Σ_r x[r,c]·y[r,c], by fma, to dot[c].
func ColumnDots[T Float](dot []float64, x, y []T, rows, cols int) {
	wantLen("ColumnDots", "x", len(x), area("ColumnDots", rows, cols))
	wantLen("ColumnDots", "dot", len(dot), cols)
	sameLen2("ColumnDots", x, y)
	if is32[T]() {
		for r := 0; r < rows; r += ColumnChunk {
			n := min(ColumnChunk, rows-r)
			active.columnDots(dot, as32(x[r*cols:(r+n)*cols]), as32(y[r*cols:(r+n)*cols]), n, cols)
		}
		return
	}
	for r := range rows {
		b := y[r*cols : (r+1)*cols]
		for c, v := range x[r*cols : (r+1)*cols] {
			dot[c] += float64(v * b[c])
		}
	}
}

func columnDotsGo(dot []float64, x, y []float32, rows, cols int) {
	for c := range cols {
		var s float32
		for r := range rows {
			s = FMA32(x[r*cols+c], y[r*cols+c], s)
		}
		dot[c] += float64(s)
	}
}
