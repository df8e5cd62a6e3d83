package simd

import "anomem/simd/pool"

// gemmKernel is a level's register tile kernel. If run is nil, products follow the
// specification in Go.
type gemmKernel struct {
	mr, nr       int // rows and columns of the register tile; nr is the width of a panel of B
	depth        int // terms of k in a block, a multiple of 8; 0: a panel fills half of the first-level cache
	run          func(*gemmArgs)
	columns      func(*gemmArgs) // run for a transposed A: off has an entry for each k, and a moves on; nil: A is transposed first
	alwaysMasked bool            // run needs a mask for full panels too

	// pack copies rows of packPanels panels to the panels, which lie panel bytes
	// apart; stride is in bytes. nil: panels are copied one by one.
	pack func(dst *float32, panel int, src *float32, stride, rows int)

	// transpose is dst[j*ldd+i] = src[i*lds+j] for i < rows, j < cols.
	transpose func(dst []float32, ldd int, src []float32, lds, rows, cols int)

	// peak does n rounds of peakFlops operations each, in registers.
	peak      func(n int)
	peakFlops int

	narrow *gemmKernel // for products of up to its nr columns; nil: none
}

// forColumns returns the kernel for products of n columns.
func (t gemmKernel) forColumns(n int) gemmKernel {
	if t.narrow != nil && n <= t.narrow.nr {
		return *t.narrow
	}
	return t
}

// gemmArgs is one call of a register tile kernel: a column of tiles, all of the
// same height, one under the other, against one panel of B. The kernel walks down
// by advancing off, c and residual, so that a second call goes on with tiles of
// another height.
//
// Addresses are uintptr, since c and residual end up one past their slices, where no
// pointer may point; the product in progress keeps the slices alive. The assembly
// reads the fields by their offsets: each is 8 bytes.
type gemmArgs struct {
	a              uintptr // what the offsets are counted from
	off            uintptr // []int: bytes from a to each row: tile by tile, tap by tap, mr entries each
	offStep        int     // bytes from one tap's offsets to the next
	b              uintptr // first row of the panel
	bStride        int     // bytes between its rows
	c              uintptr
	cStride        int // bytes
	height         int // rows of each tile, 1..mr
	tiles          int // at least 1
	taps           int // at least 1
	k              int // elements of each tap, at least 1
	load           int // 1: start from C; 0: from +0
	scale          uintptr
	shift          uintptr // with scale nil: the bias
	residual       uintptr
	residualStride int // bytes
	relu           int
	mask           uintptr // []int32: all ones for each column that exists; AVX2: nil if all do
	//lint:ignore U1000 the assembly counts the taps here
	tapsLeft int
	next     uintptr // the panel that comes next: the kernel asks for it ahead of time
}

// Sizes of the blocks. None of them can change a bit of the result.
const (
	directTiles = 4       // the most tiles of rows for which B is not packed
	columnTiles = 32      // the same where A is read by columns and the rows of B are short
	packPanels  = 4       // panels that are packed together
	packChunk   = 1 << 18 // elements in a chunk of packing: 20 µs and up
	chunkWork   = 2 << 20 // multiply-adds that make a chunk worth handing out: 20 µs and up
	chunks      = 32      // of a product, if they are large enough to be worth handing out
	momentCols  = 64      // columns whose moments are taken together: they hide each other's latency
	maxDepth    = 1024    // the deepest block of any level

	// Rows a multiple of crowded elements apart collide in a few sets of the cache: B
	// is then packed even for few rows. A transposed A with longer rows, or a gathered
	// one at least as wide, is transposed and not read by columns.
	crowded = 512
)

// product is one blocked product in progress. For each range of panels and block of k
// it packs B and then multiplies. Both are tasks whose chunks follow from the shape.
// The panels and the block in hand are those that it works on now.
type product struct {
	tile    gemmKernel
	c       []float32
	ldc     int
	a       rowsOf[float32]
	b       Operand[float32]
	m, n, k int
	ep      Epilogue[float32]

	cut              blocking
	block                // the block of k in hand
	panel, end       int // the panels in hand
	packFrom         int // the first panel that is packed; those before are read where B lies
	packed           []float32
	packGroup        int            // panels in a chunk of packing
	ready            *packedOperand // all panels of B, packed beforehand, or nil
	columns          bool           // A is read by columns
	zeros            []float32      // what a negative offset stands for
	rows, panelsWide int            // a chunk of the product: rows of C by panels of B
}

// tiling is what one chunk of a product needs for itself.
type tiling struct {
	args     gemmArgs
	off      []int
	runs     []run
	rows     []float32 // rows of A, copied from its transpose
	gathered []float32 // columns of A, before they are transposed
}

// run is a part of a chunk whose rows of C are equally far apart, as columns of
// tiles: the first high ones have low+1 rows, the others low.
type run struct {
	row, off        int     // its first row, and the place of its offsets
	a               uintptr // what they are counted from
	low, high, rest int
}

// The blocked products in progress, and the memory of their chunks.
var (
	products freeList[product]
	tilings  freeList[tiling]
)

func gemmBlocked(p *pool.Pool, c []float32, ldc int, a rowsOf[float32], b Operand[float32], m, n, k int, ep Epilogue[float32]) {
	j := products.get()
	j.tile, j.c, j.ldc, j.a, j.b, j.m, j.n, j.k, j.ep = active.gemm.forColumns(n), c, ldc, a, b, m, n, k, ep
	if k == 0 || a.taps() == 0 {
		j.epilogueOnly()
		j.ep.moments(p, c, ldc, m, n)
	} else {
		j.run(p)
	}
	*j = product{packed: j.packed, zeros: j.zeros}
	products.put(j)
}

// epilogueOnly computes a product whose sums are empty.
func (j *product) epilogueOnly() {
	for i := range j.m {
		at := j.a.cRow(i, j.ldc)
		row := j.c[at : at+j.n]
		if !j.ep.Accumulate {
			clear(row)
		}
		j.ep.apply(row, i)
	}
}

func (j *product) run(p *pool.Pool) {
	panels := ceilDiv(j.n, j.tile.nr)
	j.cut = blockingFor(j.tile)
	j.columns = j.tile.columns != nil && j.byColumns()
	if n := max(maxDepth, j.a.width); len(j.zeros) < n {
		j.zeros = make([]float32, n)
	}
	wide := j.cut.panels
	switch ready := j.b.packed; {
	case ready.fits(j.tile.nr, j.n, j.k, j.a.taps(), j.cut.depth):
		j.ready, wide = ready, panels
	case j.inPlace():
		j.packFrom = j.n / j.tile.nr
	}
	for j.panel = 0; j.panel < panels; j.panel = j.end {
		j.end = min(j.panel+wide, panels)
		j.block = block{}
		for j.next(j.k, j.a.taps(), j.cut.depth) {
			j.pack(p)
			j.multiply(p)
		}
	}
}

// inPlace reports whether packing B would cost more than it gains.
func (j *product) inPlace() bool {
	tiles := directTiles
	if j.columns && j.b.Stride < crowded {
		tiles = columnTiles
	}
	return !j.b.Trans && j.m <= tiles*j.tile.mr && j.b.Stride%crowded != 0
}

// byColumns reports whether a transposed A is better read where it lies.
func (j *product) byColumns() bool {
	if j.a.width > 0 {
		return j.a.width < crowded
	}
	return j.a.a.Trans && j.a.a.Stride <= crowded
}

func (j *product) first() bool { return j.tap == 0 && j.from == 0 }
func (j *product) last() bool  { return j.tap+j.taps == j.a.taps() && j.from+j.block.k == j.k }

// row0 returns the first row of B of the block in hand.
func (j *product) row0() int { return j.tap*j.k + j.from }
