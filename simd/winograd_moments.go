package simd

import (
	"slices"
	"sync/atomic"
)

// setMoments makes, for each group of channels that is finished by itself and for each
// chunk of rows of y, a counter of the rows that are not written yet.
func (j *winogradRun) setMoments(groups int) {
	if j.ep.Sums == nil {
		return
	}
	rows := j.s.N * j.oh * j.ow
	chunks := ceilDiv(rows, ColumnChunk)
	if n := groups * chunks; cap(j.left) < n {
		j.left = make([]atomic.Int32, n)
	} else {
		j.left = j.left[:n]
	}
	for i := range j.left {
		j.left[i].Store(int32(min(ColumnChunk, rows-i%chunks*ColumnChunk)))
	}
}

// moments counts the rows of y that count tiles from first on have written, in the
// panels of a group. The call that completes a chunk takes its moments: most of the
// chunk is still in the cache, and the order of the calls does not matter.
func (j *winogradRun) moments(t *winogradScratch, first, count, group, panel, panels int) {
	if j.ep.Sums == nil {
		return
	}
	s := &j.s
	rows := s.N * j.oh * j.ow
	n, top, _ := j.place(first)
	from := (n*j.oh + top) * j.ow / ColumnChunk
	n, top, _ = j.place(first + count - 1)
	last := ((n*j.oh+min(top+s.Tile, j.oh))*j.ow - 1) / ColumnChunk
	t.written = slices.Grow(t.written[:0], last+1-from)[:last+1-from]
	clear(t.written)
	for i := range count {
		n, row, col := j.place(first + i)
		for r := row; r < min(row+s.Tile, j.oh); r++ {
			at := (n*j.oh+r)*j.ow + col
			end := at + min(s.Tile, j.ow-col)
			chunk := at / ColumnChunk
			here := min(end, (chunk+1)*ColumnChunk)
			t.written[chunk-from] += int32(here - at)
			if here < end {
				t.written[chunk+1-from] += int32(end - here)
			}
		}
	}
	left := j.left[group*ceilDiv(rows, ColumnChunk):]
	for i, n := range t.written {
		chunk := from + i
		if n > 0 && left[chunk].Add(-n) == 0 {
			j.ep.momentsOf(j.y, s.Cout, rows, s.Cout, chunk*ColumnChunk, chunk*ColumnChunk+1, panel*j.nr, min((panel+panels)*j.nr, s.Cout))
		}
	}
}
