package simd

import "anomem/simd/pool"

// weightsRun is the gradient of a filter in progress. It goes one of two ways:
//
//   - by segments, if the sums of all planes are not much larger than the second-level
//     cache: a chunk is a segment, taken in bands of tiles whose transforms fit there;
//     segments are added to the gradient in order;
//   - by blocks of channels otherwise: all tiles of a segment are transformed first,
//     and a chunk is the sums of some input by some output channels, which are still in
//     the cache when the chunk transforms them back, so that nothing is added up across
//     threads.
type weightsRun struct {
	winogradPlan
	images    int       // of a segment
	interiorY [16]int32 // offsets in a square of dy that lies within its image

	dw, x, dy  []float32
	accumulate bool

	band       int // tiles that are transformed at a time, at most
	rows, cols int // input channels and panels of a block

	sums     []float32 // segments of a group, one after the other; own memory
	group    int       // the first segment of the group in hand
	direct   bool      // segments run in order, and are added at once
	tiles    weightsTiles
	image    int  // the first image of the segment in hand, if it goes by blocks
	count    int  // its tiles
	add      bool // its sums are added to the gradient, not stored
	perChunk int  // tiles of a chunk that transforms
}

// weightsTiles are transformed tiles: the input by blocks of rows channels, in each
// by plane and tile; the gradient as panels, in each by plane and tile.
type weightsTiles struct {
	x, y           []float32
	xPlane, xBlock int
	yPlane, yPanel int
}

// weightsScratch is the memory of one chunk.
type weightsScratch struct {
	planeScratch
	tiles  weightsTiles
	sums   []float32
	turned []float32 // the input transposed, if the level has no kernel for columns
}

var (
	weightsRuns      freeList[weightsRun]
	weightsScratches freeList[weightsScratch]
)

// weightsBudget overrides the way and its sizes in tests, which show that no bit
// depends on them.
var weightsBudget struct {
	band, rows, panels int
	bySegments         bool
}

// weightsGroup is the number of segments with memory for their sums, which threads sum
// at the same time.
const weightsGroup = 8

func winogradWeights32(p *pool.Pool, dw, x, dy []float32, s WinogradShape, accumulate bool) {
	j := weightsRuns.get()
	j.dw, j.x, j.dy, j.accumulate = dw, x, dy, accumulate
	j.set(s)
	j.images = s.weightSegment()
	wholePatch(j.interiorY[:s.Tile*s.Tile], s.Tile, j.ow, s.Cout)
	j.run(p)
	*j = weightsRun{sums: j.sums, tiles: j.tiles}
	weightsRuns.put(j)
}

func (j *weightsRun) run(p *pool.Pool) {
	const float, rows, columns = 4, 64, 128
	s := &j.s
	segments, threads := ceilDiv(s.N, j.images), p.Threads()
	j.rows, j.cols = min(s.Cin, rows), min(j.panels, columns/j.nr)
	sums := j.planes * s.Cin * j.panels * j.nr * float
	// By segments, unless that leaves threads idle for more than a quarter of the time.
	busiest := ceilDiv(segments, threads) * j.images
	bySegments := sums <= 3*cacheSizes.l2 && (threads == 1 || 3*busiest*threads <= 4*s.N)
	j.band = 32
	for !bySegments && j.rows > 16 && ceilDiv(s.Cin, j.rows)*ceilDiv(j.panels, j.cols) < 2*threads {
		j.rows /= 2
	}
	if b := weightsBudget; b.band > 0 {
		bySegments, j.band, j.rows, j.cols = b.bySegments, b.band, min(s.Cin, b.rows), min(j.panels, b.panels)
	}
	if bySegments {
		j.runSegments(p, segments)
	} else {
		j.runBlocks(p, segments)
	}
}

// runSegments sums segments concurrently, and adds them to the gradient in order.
func (j *weightsRun) runSegments(p *pool.Pool, segments int) {
	if j.direct = segments == 1 || p.Threads() == 1; j.direct {
		for i := range segments {
			(*weightsSegment)(j).Chunk(i)
		}
		return
	}
	size := len(j.dw)
	j.sums = alignedSlice(j.sums, min(segments, weightsGroup)*size)
	for ; j.group < segments; j.group += weightsGroup {
		n := min(weightsGroup, segments-j.group)
		p.Run((*weightsSegment)(j), n)
		for i := range n {
			sum := j.sums[i*size : (i+1)*size]
			if j.group+i == 0 && !j.accumulate {
				copy(j.dw, sum)
			} else {
				active.add(j.dw, j.dw, sum)
			}
		}
	}
}

// weightsSegment is the task of summing a segment of the group.
type weightsSegment weightsRun

func (w *weightsSegment) Chunk(i int) {
	j := (*weightsRun)(w)
	t := weightsScratches.get()
	image := (j.group + i) * j.images
	tiles := min(j.images, j.s.N-image) * j.perImage()
	rows := ceilDiv(j.s.Cin, j.rows)
	blocks := rows * ceilDiv(j.panels, j.cols)
	block := j.planes * j.sumPlane()
	t.sums = alignedSlice(t.sums, blocks*block)
	band := ceilDiv(tiles, ceilDiv(tiles, j.band)) // equal bands
	t.tiles.resize(j, min(band, tiles))
	for first := 0; first < tiles; first += band {
		count := min(band, tiles-first)
		j.transform(t, &t.tiles, image, first, 0, count)
		for b := range blocks {
			j.multiply(t, t.sums[b*block:], &t.tiles, b%rows, b/rows, count, first > 0)
		}
	}
	dst, load := j.dw, j.accumulate || i > 0
	if !j.direct {
		dst, load = j.sums[i*len(j.dw):], false
	}
	for b := range blocks {
		j.back(dst, t.sums[b*block:], b%rows, b/rows, load)
	}
	t.done()
}

// runBlocks sums segment after segment, block by block.
func (j *weightsRun) runBlocks(p *pool.Pool, segments int) {
	for i := range segments {
		j.image = i * j.images
		j.count = min(j.images, j.s.N-j.image) * j.perImage()
		j.add = j.accumulate || i > 0
		j.tiles.resize(j, j.count)
		j.perChunk = max(4, ceilDiv(j.count, 16))
		p.Run((*weightsTransform)(j), ceilDiv(j.count, j.perChunk))
		p.Run((*weightsBlock)(j), ceilDiv(j.s.Cin, j.rows)*ceilDiv(j.panels, j.cols))
	}
}

// weightsTransform is the task of transforming the tiles of a segment.
type weightsTransform weightsRun

func (w *weightsTransform) Chunk(i int) {
	j := (*weightsRun)(w)
	t := weightsScratches.get()
	from := i * j.perChunk
	j.transform(t, &j.tiles, j.image, from, from, min(j.perChunk, j.count-from))
	t.done()
}

// weightsBlock is the task of a block of channels of a segment.
type weightsBlock weightsRun

func (w *weightsBlock) Chunk(i int) {
	j := (*weightsRun)(w)
	t := weightsScratches.get()
	t.sums = alignedSlice(t.sums, j.planes*j.sumPlane())
	rows := ceilDiv(j.s.Cin, j.rows)
	j.multiply(t, t.sums, &j.tiles, i%rows, i/rows, j.count, false)
	j.back(j.dw, t.sums, i%rows, i/rows, j.add)
	t.done()
}

// done drops the scratch's references and frees it.
func (t *weightsScratch) done() {
	t.args = gemmArgs{}
	weightsScratches.put(t)
}

// resize makes room for a number of tiles.
func (t *weightsTiles) resize(j *weightsRun, tiles int) {
	t.xPlane, t.yPlane = apartInCache(tiles*j.rows), apartInCache(tiles*j.nr)
	t.xBlock, t.yPanel = j.planes*t.xPlane, j.planes*t.yPlane
	t.x = alignedSlice(t.x, ceilDiv(j.s.Cin, j.rows)*t.xBlock)
	t.y = alignedSlice(t.y, j.panels*t.yPanel)
	if j.s.Cout%j.nr != 0 {
		// The last panel has columns beyond Cout. Their sums are not used, but stale
		// values there, such as subnormal ones, could be slow to multiply.
		clear(t.y[(j.panels-1)*t.yPanel:])
	}
}

// sumPlane returns the elements from one plane of a block's sums to the next.
func (j *weightsRun) sumPlane() int { return apartInCache(j.rows * j.cols * j.nr) }

// transform transforms count tiles, of the input and of the gradient, from tile
// first of an image on. They become tiles at, at+1 and on of t.
func (j *weightsRun) transform(scratch *weightsScratch, t *weightsTiles, image, first, at, count int) {
	s := &j.s
	for i := range count {
		n, row, col := j.place(image*j.perImage() + first + i)
		off, base := j.patch(&scratch.table, n, row, col)
		for c, block := 0, 0; c < s.Cin; c, block = c+j.rows, block+1 {
			j.kernels.input(t.x[block*t.xBlock+(at+i)*j.rows:], t.xPlane, j.x[base+c:], off, min(j.rows, s.Cin-c))
		}
		off, base = j.square(&scratch.table, n, row, col)
		for c := 0; c < s.Cout; c += len(winogradZeros) {
			panel := c / j.nr * t.yPanel
			j.kernels.grad(t.y[panel+(at+i)*j.nr:], t.yPlane, j.nr, t.yPanel, j.dy[base+c:], off, min(len(winogradZeros), s.Cout-c))
		}
	}
}

// square is patch for the square of dy at (row, col) of image n.
func (j *weightsRun) square(table *[winoMax]int32, n, row, col int) (off []int32, base int) {
	s := &j.s
	base = n * j.oh * j.ow * s.Cout
	if row+s.Tile <= j.oh && col+s.Tile <= j.ow {
		return j.interiorY[:s.Tile*s.Tile], base + (row*j.ow+col)*s.Cout
	}
	off = table[:s.Tile*s.Tile]
	patchOffsets(off, s.Tile, row, col, j.oh, j.ow, s.Cout)
	return off, base
}

// multiply sets or adds to the sums of block (row, col) the products of count tiles.
func (j *weightsRun) multiply(t *weightsScratch, sums []float32, tiles *weightsTiles, row, col, count int, load bool) {
	rows := min(j.rows, j.s.Cin-row*j.rows)
	panel := col * j.cols
	x, y := tiles.x[row*tiles.xBlock:], tiles.y[panel*tiles.yPanel:]
	q := j.product(&t.planeScratch, rows, count, min(j.cols, j.panels-panel), j.cols*j.nr)
	turn := j.gemm.run != nil && j.gemm.columns == nil
	if turn {
		t.turned = alignedSlice(t.turned, rows*count)
		q.byRows(&t.planeScratch, j.gemm.mr, count)
	} else {
		q.byColumns(&t.planeScratch, j.gemm.columns, j.rows)
	}
	q.bPanel, q.load = tiles.yPanel, load
	for p := range j.planes {
		a := x[p*tiles.xPlane:]
		if turn {
			j.gemm.transpose(t.turned, count, a, j.rows, count, rows)
			a = t.turned
		}
		var next *float32
		if p+1 < j.planes {
			next = &y[(p+1)*tiles.yPlane]
		}
		q.plane(a, y[p*tiles.yPlane:], sums[p*j.sumPlane():], next)
	}
}

// back transforms the sums of block (row, col) and stores them to dw, or adds them.
func (j *weightsRun) back(dw, sums []float32, row, col int, load bool) {
	s := &j.s
	c, o := row*j.rows, col*j.cols*j.nr
	add := 0
	if load {
		add = 1
	}
	j.kernels.weights(dw[c*s.Cout+o:], s.Cin*s.Cout, s.Cout, sums, j.sumPlane(), j.cols*j.nr,
		min(j.rows, s.Cin-c), min(j.cols*j.nr, s.Cout-o), add)
}
