package simd

import (
	"fmt"

	"anomem/simd/pool"
)

// checkMoments panics unless the sums of m rows of n have room.
func (e *Epilogue[T]) checkMoments(op string, m, n int) {
	if (e.Sums == nil) != (e.Squares == nil) {
		panic("simd: " + op + ": sums without squares, or squares without sums")
	}
	if e.Sums == nil || m <= 0 || n <= 0 {
		return
	}
	chunks := ceilDiv(m, ColumnChunk)
	if want := area(op, chunks, n); min(len(e.Sums), len(e.Squares)) < want {
		panic(fmt.Sprintf("simd: %s: %d sums and %d squares for %d chunks of %d columns", op, len(e.Sums), len(e.Squares), chunks, n))
	}
}

// momentsOf sets the moments of the chunks of rows that begin in [row, end), in columns
// [col, colEnd) of C, which is m rows of n, ldc apart.
func (e *Epilogue[T]) momentsOf(c []T, ldc, m, n, row, end, col, colEnd int) {
	if e.Sums == nil || col >= colEnd {
		return
	}
	for i := ceilDiv(row, ColumnChunk); i*ColumnChunk < end; i++ {
		sum, sumsq := e.Sums[i*n+col:i*n+colEnd], e.Squares[i*n+col:i*n+colEnd]
		clear(sum)
		clear(sumsq)
		row := i * ColumnChunk
		stridedMoments(sum, sumsq, c[row*ldc+col:], ldc, min(ColumnChunk, m-row), colEnd-col)
	}
}

// stridedMoments is ColumnMoments for one chunk whose rows lie stride apart.
func stridedMoments[T Float](sum, sumsq []float64, x []T, stride, rows, cols int) {
	if is32[T]() {
		active.columnMoments(sum, sumsq, as32(x), stride, rows, cols)
		return
	}
	for r := range rows {
		for c, v := range x[r*stride : r*stride+cols] {
			sum[c] += float64(v)
			sumsq[c] += float64(v * v)
		}
	}
}

// momentsPass is the task of taking the moments of a finished C, by chunks of rows.
type momentsPass[T Float] struct {
	ep        Epilogue[T]
	c         []T
	ldc, m, n int
}

func (e *Epilogue[T]) moments(p *pool.Pool, c []T, ldc, m, n int) {
	if e.Sums == nil {
		return
	}
	l := listOf[momentsPass[T]](&momentsPasses32, &momentsPasses64)
	j := l.get()
	*j = momentsPass[T]{*e, c, ldc, m, n}
	p.Run(j, ceilDiv(m, ColumnChunk))
	*j = momentsPass[T]{}
	l.put(j)
}

func (j *momentsPass[T]) Chunk(i int) {
	row := i * ColumnChunk
	j.ep.momentsOf(j.c, j.ldc, j.m, j.n, row, row+1, 0, j.n)
}

// The passes in progress.
var (
	momentsPasses32 freeList[momentsPass[float32]]
	momentsPasses64 freeList[momentsPass[float64]]
)
