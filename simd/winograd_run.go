package simd

import (
	"slices"
	"sync/atomic"
	"unsafe"

	"anomem/simd/pool"
)

// winogradKernels are a level's transforms, for tiles of 2 and of 4.
type winogradKernels struct {
	input  func(dst []float32, plane int, src []float32, off []int32, n int)
	filter func(dst []float32, plane, ldd int, src []float32, tap, lds, rows, n int)
	output func(o *winogradOutput)

	// Those of the gradient of the filter; see winograd_weights_transforms.go.
	grad    func(dst []float32, plane, width, panel int, src []float32, off []int32, n int)
	weights func(dst []float32, tap, ldd int, src []float32, plane, lds, rows, n, load int)
}

// The transforms' specification.
var (
	winogradGo2 = winogradKernels{winogradInput2Go, winogradFilter2Go, winogradOutput2Go, winogradGrad2Go, winogradWeights2Go}
	winogradGo4 = winogradKernels{winogradInput4Go, winogradFilter4Go, winogradOutput4Go, winogradGrad4Go, winogradWeights4Go}
)

// winogradRun is one convolution in progress. It goes one of two ways:
//
//   - by bands of tiles, where the transformed filter is small: a chunk is a band
//     that lies in the second-level cache, from its input to its output;
//   - by groups of panels, where it is large: the input is transformed first, as
//     much of it as the last-level cache holds, and a chunk is some output channels
//     of all its tiles, so that each part of the filter is transformed where it is
//     used, and used at once.
type winogradRun struct {
	s            WinogradShape
	oh, ow       int
	down, across int // tiles of an image
	tiles        int // of all

	x, y   []float32
	filter WinogradFilter[float32]
	ep     Epilogue[float32]

	kernels *winogradKernels
	gemm    gemmKernel
	alpha   int // sides of a transformed tile
	planes  int // alpha²
	nr      int // output channels of a panel
	panels  int
	uPlane  int // elements from one plane to the next, within a panel
	uPanel  int // elements from one panel to the next

	u        []float32 // the transformed filter: own memory
	panelsOf []float32 // all panels: u, or packed beforehand; nil: made where they are used
	v        []float32 // transformed tiles [first, first+count), shared by groups
	vPlane   int
	first    int
	count    int
	band     int // tiles of a band
	group    int // panels of a group
	perChunk int // tiles of a chunk that transforms the input
	interior [winoMax]int32

	left []atomic.Int32 // rows to come of each chunk of y, where moments are asked for
}

// winogradScratch is what one chunk needs for itself.
type winogradScratch struct {
	v, m, u, taps []float32
	off           []int
	written       []int32 // rows of each chunk of y
	args          gemmArgs
	out           winogradOutput
	table         [winoMax]int32
}

// The convolutions in progress.
var (
	winogradRuns      freeList[winogradRun]
	winogradScratches freeList[winogradScratch]
)

// winogradBudget overrides the sizes of bands, in tests: none can change a bit.
var winogradBudget struct{ band, groups, count int }

func winograd32(p *pool.Pool, y, x []float32, f WinogradFilter[float32], s WinogradShape, ep Epilogue[float32]) {
	j := winogradRuns.get()
	j.s, j.x, j.y, j.filter, j.ep = s, x, y, f, ep
	j.setLevel()
	j.setTiles()
	j.run(p)
	*j = winogradRun{u: j.u, v: j.v, left: j.left}
	winogradRuns.put(j)
}

// setLevel sets what follows from the level in use and from s.Tile and the channels.
func (j *winogradRun) setLevel() {
	j.kernels = &active.winograd2
	if j.s.Tile == 4 {
		j.kernels = &active.winograd4
	}
	j.gemm = active.gemm
	j.nr = j.gemm.nr
	if j.gemm.run == nil {
		j.nr = 16
	}
	j.alpha = j.s.Tile + 2
	j.planes = j.alpha * j.alpha
	j.panels = ceilDiv(j.s.Cout, j.nr)
	j.uPlane = apartInCache(j.s.Cin * j.nr)
	j.uPanel = j.planes * j.uPlane
}

// apartInCache is the distance of planes of n elements such that the same element
// of each falls into another set of the cache: an odd number of lines.
func apartInCache(n int) int {
	const line = 16
	return (ceilDiv(n, line) | 1) * line
}

func (j *winogradRun) setTiles() {
	s := &j.s
	j.oh, j.ow = s.Out()
	j.down, j.across = ceilDiv(j.oh, s.Tile), ceilDiv(j.ow, s.Tile)
	j.tiles = s.N * j.down * j.across
	for i := range j.alpha {
		for k := range j.alpha {
			j.interior[i*j.alpha+k] = int32((i*s.W + k) * s.Cin)
		}
	}
}

func (j *winogradRun) run(p *pool.Pool) {
	const float = 4
	tile := j.planes * (j.s.Cin + j.s.Cout) * float
	mr := max(1, j.gemm.mr)
	j.band = roundUp(max(cacheSizes.l2*3/4/tile, 36), mr)
	size := j.panels * j.uPanel
	byGroups := size*float > cacheSizes.l3/8
	if b := winogradBudget; b.band > 0 {
		j.band, byGroups = b.band, b.groups > 0
	}
	packed := j.filter.packed
	ready := packed.fits(j.nr, j.s)
	if ready {
		j.panelsOf = packed.data
	}
	if byGroups {
		j.runGroups(p)
		return
	}
	if !ready {
		j.u = alignedSlice(j.u, size)
		j.panelsOf = j.u
		p.Run((*winogradFiltering)(j), j.panels)
	}
	// Equal bands, an even number of them.
	bands := ceilDiv(j.tiles, j.band)
	if bands > 1 {
		bands = roundUp(bands, 2)
	}
	j.band = ceilDiv(j.tiles, bands)
	j.setMoments(1)
	p.Run((*winogradBand)(j), ceilDiv(j.tiles, j.band))
}

func (j *winogradRun) runGroups(p *pool.Pool) {
	const float, columns = 4, 32
	j.group = max(1, columns/j.nr)
	most := max(j.band, cacheSizes.l3/2/(j.planes*j.s.Cin*float+1))
	if b := winogradBudget; b.band > 0 {
		j.group, most = b.groups, b.count
	}
	j.setMoments(ceilDiv(j.panels, j.group))
	for ; j.first < j.tiles; j.first += j.count {
		j.count = min(most, j.tiles-j.first)
		j.vPlane = apartInCache(j.count * j.s.Cin)
		j.v = alignedSlice(j.v, j.planes*j.vPlane)
		j.perChunk = max(4, ceilDiv(j.count, 16))
		p.Run((*winogradInput)(j), ceilDiv(j.count, j.perChunk))
		p.Run((*winogradGroup)(j), ceilDiv(j.panels, j.group))
	}
}

// winogradFiltering is the task of transforming the filter: chunk i is panel i.
type winogradFiltering winogradRun

func (w *winogradFiltering) Chunk(i int) {
	j := (*winogradRun)(w)
	t := winogradScratches.get()
	j.makePanel(t, j.u[i*j.uPanel:(i+1)*j.uPanel], i)
	winogradScratches.put(t)
}

// winogradBand is the task of all that is done to a band of tiles.
type winogradBand winogradRun

func (w *winogradBand) Chunk(i int) {
	j := (*winogradRun)(w)
	t := winogradScratches.get()
	first := i * j.band
	count := min(j.band, j.tiles-first)
	vPlane := apartInCache(count * j.s.Cin)
	t.v = alignedSlice(t.v, j.planes*vPlane)
	j.input(t, t.v, vPlane, first, count)
	j.multiply(t, t.v, vPlane, count, j.panelsOf, j.panels)
	j.output(t, first, count, 0, j.panels)
	j.moments(t, first, count, 0, 0, j.panels)
	t.done()
}

// winogradInput is the task of transforming the input for all groups.
type winogradInput winogradRun

func (w *winogradInput) Chunk(i int) {
	j := (*winogradRun)(w)
	t := winogradScratches.get()
	from := i * j.perChunk
	j.input(t, j.v[from*j.s.Cin:], j.vPlane, j.first+from, min(j.perChunk, j.count-from))
	t.done()
}

// winogradGroup is the task of computing some output channels of the tiles whose
// input is transformed.
type winogradGroup winogradRun

func (w *winogradGroup) Chunk(i int) {
	j := (*winogradRun)(w)
	t := winogradScratches.get()
	panel := i * j.group
	panels := min(j.group, j.panels-panel)
	var u []float32
	if j.panelsOf != nil {
		u = j.panelsOf[panel*j.uPanel:]
	} else {
		t.u = alignedSlice(t.u, j.group*j.uPanel)
		u = t.u
		for g := range panels {
			j.makePanel(t, u[g*j.uPanel:(g+1)*j.uPanel], panel+g)
		}
	}
	j.multiply(t, j.v, j.vPlane, j.count, u, panels)
	j.output(t, j.first, j.count, panel, panels)
	j.moments(t, j.first, j.count, i, panel, panels)
	t.done()
}

// done lets go of what the scratch points at.
func (t *winogradScratch) done() {
	t.args, t.out = gemmArgs{}, winogradOutput{}
	winogradScratches.put(t)
}

// makePanel transforms the filter for one panel; columns that do not exist are +0.
func (j *winogradRun) makePanel(t *winogradScratch, dst []float32, panel int) {
	cin, cout, nr := j.s.Cin, j.s.Cout, j.nr
	from := panel * nr
	cols := min(nr, cout-from)
	if cols < nr {
		clear(dst)
	}
	if cin == 0 {
		return
	}
	if !j.filter.Turned {
		j.kernels.filter(dst, j.uPlane, nr, j.filter.Data[from:], cin*cout, cout, cin, cols)
		return
	}
	transpose := active.transpose
	if j.gemm.transpose != nil {
		transpose = j.gemm.transpose
	}
	t.taps = alignedSlice(t.taps, 9*cin*nr)
	for tap := range 9 {
		transpose(t.taps[(8-tap)*cin*nr:], nr, j.filter.Data[(tap*cout+from)*cin:], cin, cols, cin)
	}
	j.kernels.filter(dst, j.uPlane, nr, t.taps, cin*nr, nr, cin, cols)
}

// place is where tile i lies: its image, and its first row and column of the output.
func (j *winogradRun) place(i int) (n, row, col int) {
	perImage := j.down * j.across
	n, i = i/perImage, i%perImage
	return n, i / j.across * j.s.Tile, i % j.across * j.s.Tile
}

// input transforms count tiles from first on; tile i goes to v[i*Cin:] of each plane.
func (j *winogradRun) input(t *winogradScratch, v []float32, plane, first, count int) {
	s := &j.s
	for i := range count {
		n, top, left := j.place(first + i)
		top, left = top-s.Pad, left-s.Pad
		image := n * s.H * s.W * s.Cin
		off := j.interior[:j.planes]
		if top >= 0 && left >= 0 && top+j.alpha <= s.H && left+j.alpha <= s.W {
			image += (top*s.W + left) * s.Cin
		} else {
			off = t.table[:j.planes]
			j.edge(off, top, left)
		}
		for c := 0; c < s.Cin; c += len(winogradZeros) {
			j.kernels.input(v[i*s.Cin+c:], plane, j.x[image+c:], off, min(len(winogradZeros), s.Cin-c))
		}
	}
}

// edge sets off to where the elements of a patch lie in their image, -1 outside.
func (j *winogradRun) edge(off []int32, top, left int) {
	patchOffsets(off, j.alpha, top, left, j.s.H, j.s.W, j.s.Cin)
}

// patchOffsets sets off to where the elements of a patch of size² lie in an image of
// h×w of n channels, -1 outside.
func patchOffsets(off []int32, size, top, left, h, w, n int) {
	for i := range size {
		for k := range size {
			o := -1
			if uint(top+i) < uint(h) && uint(left+k) < uint(w) {
				o = ((top+i)*w + left + k) * n
			}
			off[i*size+k] = int32(o)
		}
	}
}

// multiply sets each plane of t.m, rows × panels·nr, to the product of those of v
// and of u, which starts with the first of the panels.
func (j *winogradRun) multiply(t *winogradScratch, v []float32, vPlane, rows int, u []float32, panels int) {
	ldm := panels * j.nr
	mPlane := apartInCache(rows * ldm)
	t.m = alignedSlice(t.m, j.planes*mPlane)
	switch {
	case j.s.Cin == 0:
		clear(t.m)
	case j.gemm.run == nil:
		j.multiplyGo(t.m, v, vPlane, rows, u, panels)
	default:
		j.multiplyTiles(t, v, vPlane, rows, u, panels)
	}
}

func (j *winogradRun) multiplyTiles(t *winogradScratch, v []float32, vPlane, rows int, u []float32, panels int) {
	mr, k, ldm := j.gemm.mr, j.s.Cin, panels*j.nr
	mPlane := apartInCache(rows * ldm)
	tiles := ceilDiv(rows, mr)
	low, high := rows/tiles, rows%tiles // as newRun cuts rows
	t.off = slices.Grow(t.off[:0], tiles*mr)[:tiles*mr]
	row := 0
	for tile := range tiles {
		height := low
		if tile < high {
			height++
		}
		for r := range height {
			t.off[tile*mr+r] = (row + r) * k * 4
		}
		row += height
	}
	depth := roundUp(ceilDiv(k, ceilDiv(k, blockingFor(j.gemm).depth)), 8)

	g := &t.args
	*g = gemmArgs{offStep: mr * int(unsafe.Sizeof(t.off[0])), bStride: j.nr * 4, cStride: ldm * 4, taps: 1,
		mask: columnMask(j.nr, j.nr, j.gemm.alwaysMasked)}
	for plane := range j.planes {
		for from := 0; from < k; from += depth {
			g.a = addr(&v[plane*vPlane+from])
			g.k = min(depth, k-from)
			g.load = min(from, 1)
			for panel := range panels {
				g.b = addr(&u[panel*j.uPanel+plane*j.uPlane+from*j.nr])
				switch { // what comes next
				case panel+1 < panels:
					g.next = g.b + uintptr(j.uPanel*4)
				case plane+1 < j.planes:
					g.next = addr(&u[(plane+1)*j.uPlane])
				default:
					g.next = g.b
				}
				g.off = addr(&t.off[0])
				g.c = addr(&t.m[plane*mPlane+panel*j.nr])
				if high > 0 {
					g.height, g.tiles = low+1, high
					j.gemm.run(g)
				}
				g.height, g.tiles = low, tiles-high
				j.gemm.run(g)
			}
		}
	}
}

// multiplyGo is multiply where the level has no tile kernel.
func (j *winogradRun) multiplyGo(m, v []float32, vPlane, rows int, u []float32, panels int) {
	ldm := panels * j.nr
	mPlane := apartInCache(rows * ldm)
	for plane := range j.planes {
		for r := range rows {
			for panel := range panels {
				c := m[plane*mPlane+r*ldm+panel*j.nr:][:j.nr]
				clear(c)
				b := u[panel*j.uPanel+plane*j.uPlane:]
				for k, a := range v[plane*vPlane+r*j.s.Cin:][:j.s.Cin] {
					fmaRow(c, a, b[k*j.nr:])
				}
			}
		}
	}
}

// output transforms the products of count tiles from first on, and stores the
// channels of the panels.
func (j *winogradRun) output(t *winogradScratch, first, count, panel, panels int) {
	s, e := &j.s, &j.ep
	ldm := panels * j.nr
	c := panel * j.nr
	o := &t.out
	*o = winogradOutput{
		plane: apartInCache(count * ldm), n: min(ldm, s.Cout-c),
		row: j.ow * s.Cout, col: s.Cout, resRow: j.ow * e.ResidualStride, resCol: e.ResidualStride,
	}
	if e.Accumulate {
		o.load = 1
	}
	if e.Scale != nil {
		o.scale, o.shift = e.Scale[c:], e.Shift[c:]
	} else if e.Bias != nil {
		o.shift = e.Bias[c:]
	}
	if e.ReLU {
		o.relu = 1
	}
	for i := range count {
		n, row, col := j.place(first + i)
		at := (n*j.oh+row)*j.ow + col
		o.src = t.m[i*ldm:]
		o.dst = j.y[at*s.Cout+c:]
		if e.Residual != nil {
			o.residual = e.Residual[at*e.ResidualStride+c:]
		}
		o.rows, o.cols = min(s.Tile, j.oh-row), min(s.Tile, j.ow-col)
		j.kernels.output(o)
	}
}
