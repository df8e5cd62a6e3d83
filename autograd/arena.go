package autograd

// An arena hands out slices that all become free at once. After a reset, requests
// that sum to no more than the most so far are met without allocating.
type arena[E any] struct {
	chunks [][]E
	pos    arenaPos
}

// arenaPos is the start of the free part: element off of chunk number chunk.
type arenaPos struct{ chunk, off int }

const (
	arenaAlign = 16      // elements; keeps float32 slices on cache lines
	arenaMin   = 1 << 12 // elements of the first chunk
	arenaStep  = 1 << 20 // elements by which a large arena grows
)

// take returns n elements with undefined contents.
func (a *arena[E]) take(n int) []E {
	size := (n + arenaAlign - 1) &^ (arenaAlign - 1)
	for p := &a.pos; p.chunk < len(a.chunks); p.chunk, p.off = p.chunk+1, 0 {
		if c := a.chunks[p.chunk]; size <= len(c)-p.off {
			s := c[p.off : p.off+n : p.off+n]
			p.off += size
			return s
		}
	}
	// Chunks double while the arena is small: a small graph stays small.
	c := make([]E, max(size, min(max(a.cap(), arenaMin), arenaStep)))
	a.chunks = append(a.chunks, c)
	a.pos = arenaPos{len(a.chunks) - 1, size}
	return c[:n:n]
}

func (a *arena[E]) cap() int {
	n := 0
	for _, c := range a.chunks {
		n += len(c)
	}
	return n
}

// clear zeroes what was taken, so that it keeps nothing alive.
func (a *arena[E]) clear() {
	for i := 0; i < len(a.chunks) && i <= a.pos.chunk; i++ {
		clear(a.chunks[i])
	}
}

// reset frees all that was taken. Several chunks become one, so that the next requests
// fit in any order and memory is bounded by the largest step.
func (a *arena[E]) reset() {
	if len(a.chunks) > 1 {
		n := a.cap()
		clear(a.chunks) // the old chunks may be collected while the new one is made
		a.chunks = append(a.chunks[:0], make([]E, n))
	}
	a.pos = arenaPos{}
}

// A slab hands out zeroed values of one type that all become free at once.
type slab[O any] struct {
	blocks [][]O
	used   int
}

const slabBlock = 32

func (s *slab[O]) next() *O {
	b, i := s.used/slabBlock, s.used%slabBlock
	if b == len(s.blocks) {
		s.blocks = append(s.blocks, make([]O, slabBlock))
	}
	s.used++
	return &s.blocks[b][i]
}

// reset zeroes what was used, so that it keeps nothing alive.
func (s *slab[O]) reset() {
	for b := 0; b*slabBlock < s.used; b++ {
		clear(s.blocks[b])
	}
	s.used = 0
}
