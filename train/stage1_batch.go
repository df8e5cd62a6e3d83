package train

import (
	"anomem/loss"
	"anomem/nn"
)

// Batch holds what a step of stage 1 learns from: two views of each of B rows.
type Batch[T nn.Float] struct {
	Size   int    // side of the views, in pixels
	Width  int    // of the views, where they are no squares; 0: Size
	Views  [2][]T // B rows of Size·Width·3 each
	Normal []bool // y of each row
	Copied []bool // marks shifted copies
	// Cells holds the labels of each row's cells, view by view, with local heads.
	Cells [2][]Label
	// Second is the order in which the rows of the second view are encoded. It is not that
	// of the first view, because two views of an image in one chunk could be matched by the
	// statistics of the norms.
	Second []int
	// Positions holds Ω of eq. 7, the sampled positions, for each scale.
	Positions [][]loss.Position
	// Places holds the cell, numbered row by row, that each row of the batch has at each of
	// the positions, [B P] for each scale; nil: that of the position.
	Places [][]int32
}

// row returns the row of the batch at place k in the order of view v.
func (b *Batch[T]) row(v, k int) int {
	if v == 0 {
		return k
	}
	return b.Second[k]
}

// A batch is encoded in chunks. Batch norm takes its statistics over a chunk, and only the
// maps of a chunk need be in memory at a time.

// chunkOf returns the rows lo to hi-1 of chunk i of n. Chunks are as even as possible.
func chunkOf(rows, n, i int) (lo, hi int) { return i * rows / n, (i + 1) * rows / n }

// chunks returns the least number of chunks, at least 1, of no more than size rows. With a
// size of at least 3 and at least 2 rows, no chunk has a single row.
func chunks(rows, size int) int { return max(1, (rows+size-1)/size) }
