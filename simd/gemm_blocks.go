package simd

// blocking says how a product is cut for the caches of the machine.
type blocking struct {
	depth  int // terms of k in a block: a panel of B and a tile of A in the first-level cache
	rows   int // rows of A in a chunk: with depth, half of the second-level cache
	panels int // panels of B that are packed at a time: a part of the last-level cache
}

func blockingFor(t gemmKernel) blocking {
	const float = 4
	depth := t.depth
	if depth == 0 {
		depth = min(cacheSizes.l1/2/(t.nr*float)&^7, maxDepth)
	}
	rows := cacheSizes.l2 / 2 / (depth * float)
	return blocking{
		depth:  depth,
		rows:   min(max(rows/t.mr, 4), maxChunkTiles) * t.mr,
		panels: max(1, cacheSizes.l3/4/(depth*t.nr*float)),
	}
}

// maxChunkTiles bounds the rows of a chunk, so that there are enough chunks to
// share.
const maxChunkTiles = 16

// block is a range of k: some whole taps, or a part of one.
type block struct {
	tap, taps int
	from, k   int // within each tap
}

// depth returns the number of terms that the block adds to each element.
func (b *block) depth() int { return b.taps * b.k }

// next moves on by up to depth terms, and reports whether there were any left. The
// zero block precedes the first.
func (b *block) next(k, taps, depth int) bool {
	tap, from := b.tap, b.from+b.k
	if from >= k {
		tap, from = b.tap+b.taps, 0
	}
	if tap >= taps {
		return false
	}
	if k <= depth {
		*b = block{tap, min(depth/k, taps-tap), 0, k}
		return true
	}
	size := roundUp(ceilDiv(k, ceilDiv(k, depth)), 8) // equal parts
	*b = block{tap, 1, from, min(size, k-from)}
	return true
}
