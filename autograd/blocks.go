package autograd

import (
	"math"
	"runtime/debug"

	"anomem/simd"
)

// blocks is the memory of a graph's tensors, gradients and scratch. It cuts large
// chunks into blocks, each of which is returned by itself. A request gets the smallest
// free block that holds it, and the first of several, so that addresses depend on the
// order of requests alone. Free neighbours are merged.
//
// What take returns between mark and release is freed by the release, in reverse order,
// and otherwise by the reset. What lend returns is freed by giveBack or by the reset;
// marks do not affect it.
type blocks[T Float] struct {
	chunks [][]T
	free   []block // in the order of their places; no two touch

	scratch []block // what take returned since the first mark
	marks   int     // not released

	inUse, peak int // elements: now, and the most since the last reset
	most        int // the most ever
	poison      bool
}

// block is a part of a chunk; of size 0 it is none.
type block struct{ chunk, off, size int }

const (
	blockMin   = 1 << 12 // elements of the first chunk
	blockStep  = 1 << 24 // elements by which large memory grows
	blockLarge = 1 << 24 // elements of a chunk that must not exist beside those it replaces
)

// take returns n elements with undefined contents.
func (a *blocks[T]) take(n int) []T {
	s, b := a.lend(n)
	if a.marks > 0 {
		a.scratch = append(a.scratch, b)
	}
	return s
}

// lend returns n elements with undefined contents, and the block to give back.
func (a *blocks[T]) lend(n int) ([]T, block) {
	if n == 0 {
		return []T{}, block{}
	}
	size := (n + arenaAlign - 1) &^ (arenaAlign - 1)
	best := -1
	for i := range a.free {
		if s := a.free[i].size; s >= size && (best < 0 || s < a.free[best].size) {
			best = i
			if s == size {
				break
			}
		}
	}
	if best < 0 {
		best = a.grow(size)
	}
	f := &a.free[best]
	b := block{f.chunk, f.off, size}
	f.off += size
	f.size -= size
	if f.size == 0 {
		a.free = append(a.free[:best], a.free[best+1:]...)
	}
	a.inUse += size
	a.peak = max(a.peak, a.inUse)
	a.most = max(a.most, a.peak)
	s := a.slice(b)
	a.spoil(s)
	return s[:n:n], b
}

// grow adds a chunk and returns the number of its free block. Chunks double while
// memory is small: a small graph stays small. The rest of a chunk takes addresses but
// no memory until it is used.
func (a *blocks[T]) grow(size int) int {
	n := max(size, min(max(a.cap(), blockMin), blockStep))
	a.chunks = append(a.chunks, make([]T, n))
	a.free = append(a.free, block{len(a.chunks) - 1, 0, n})
	return len(a.free) - 1
}

// giveBack frees a block, which must not be used afterwards.
func (a *blocks[T]) giveBack(b block) {
	if b.size == 0 {
		return
	}
	a.inUse -= b.size
	a.spoil(a.slice(b))
	lo, hi := 0, len(a.free)
	for lo < hi { // the first free block behind b
		if mid := (lo + hi) / 2; a.free[mid].before(b) {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	joinsLast := lo > 0 && a.free[lo-1].touches(b)
	joinsNext := lo < len(a.free) && b.touches(a.free[lo])
	switch {
	case joinsLast && joinsNext:
		a.free[lo-1].size += b.size + a.free[lo].size
		a.free = append(a.free[:lo], a.free[lo+1:]...)
	case joinsLast:
		a.free[lo-1].size += b.size
	case joinsNext:
		a.free[lo].off = b.off
		a.free[lo].size += b.size
	default:
		a.free = append(a.free, block{})
		copy(a.free[lo+1:], a.free[lo:])
		a.free[lo] = b
	}
}

// before reports whether b lies before c.
func (b block) before(c block) bool {
	return b.chunk < c.chunk || b.chunk == c.chunk && b.off < c.off
}

// touches reports whether c begins where b ends.
func (b block) touches(c block) bool { return b.chunk == c.chunk && b.off+b.size == c.off }

func (a *blocks[T]) slice(b block) []T { return a.chunks[b.chunk][b.off : b.off+b.size] }

// mark returns what release needs to free the scratch taken in between. Marks nest.
func (a *blocks[T]) mark() int {
	a.marks++
	return len(a.scratch)
}

func (a *blocks[T]) release(mark int) {
	for i := len(a.scratch) - 1; i >= mark; i-- {
		a.giveBack(a.scratch[i])
	}
	a.scratch = a.scratch[:mark]
	a.marks--
}

func (a *blocks[T]) cap() int {
	n := 0
	for _, c := range a.chunks {
		n += len(c)
	}
	return n
}

// reset frees everything. Several chunks become one, a little larger than what was in
// use at once, since gaps between blocks cannot always be filled. If that is no larger
// than the first chunk, which was too small, it becomes as large as all together.
func (a *blocks[T]) reset() {
	if len(a.chunks) > 1 {
		n := (a.peak + a.peak/16 + arenaAlign - 1) &^ (arenaAlign - 1)
		if n <= len(a.chunks[0]) {
			n = a.cap()
		}
		clear(a.chunks)
		if n >= blockLarge {
			debug.FreeOSMemory() // else the old chunks would stay beside the new one
		}
		a.chunks = append(a.chunks[:0], make([]T, n))
	}
	a.free = a.free[:0]
	if len(a.chunks) > 0 {
		a.free = append(a.free, block{0, 0, len(a.chunks[0])})
		a.spoil(a.chunks[0])
	}
	a.scratch, a.marks = a.scratch[:0], 0
	a.inUse, a.peak = 0, 0
}

// spoil makes s NaN in tests that look for reads of memory whose contents are
// undefined.
func (a *blocks[T]) spoil(s []T) {
	if a.poison {
		simd.Fill(s, T(math.NaN()))
	}
}
