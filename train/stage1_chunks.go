package train

// A batch is encoded in chunks: batch norm takes its statistics over a chunk, and no
// more than a chunk's maps need be in memory at a time.

// chunkOf returns the rows of chunk i of n: as even as they can be.
func chunkOf(rows, n, i int) (lo, hi int) { return i * rows / n, (i + 1) * rows / n }

// chunks is how many chunks a batch falls into, at least one, so that none is larger than
// size. From a size of 3 on, and of 2 rows, none has a single row.
func chunks(rows, size int) int { return max(1, (rows+size-1)/size) }
