package train

import (
	"anomem/loss"
	"anomem/nn"
)

// Batch is what a step of stage 1 learns from: two views of each row.
type Batch[T nn.Float] struct {
	Size   int    // of the views' sides, in pixels
	Views  [2][]T // B rows of Size·Size·3 each
	Normal []bool // y of each row
	Copied []bool // which rows are shifted copies
	// Cells are the labels of each row's cells, view by view, if heads are local.
	Cells [2][]Label
	// Second is the order in which the rows of the second view are encoded. It is one
	// of its own, because two views of an image that share a chunk can be told by the
	// statistics of the norms.
	Second []int
	// Positions is Ω of eq. 7 for each scale.
	Positions [][]loss.Position
}

// row is the row of the batch that stands at place k of the order of view v.
func (b *Batch[T]) row(v, k int) int {
	if v == 0 {
		return k
	}
	return b.Second[k]
}

// A batch is encoded in chunks: batch norm takes its statistics over a chunk, and no
// more than a chunk's maps need be in memory at a time.

// chunkOf returns the rows of chunk i of n: as even as they can be.
func chunkOf(rows, n, i int) (lo, hi int) { return i * rows / n, (i + 1) * rows / n }

// chunks is how many chunks a batch falls into, at least one, so that none is larger than
// size. From a size of 3 on, and of 2 rows, none has a single row.
func chunks(rows, size int) int { return max(1, (rows+size-1)/size) }
