package simd

import (
	"sync/atomic"

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
//   - by bands of tiles, if the transformed filter is small: a chunk is a band that
//     stays in the second-level cache from its input to its output;
//   - by groups of panels, if it is large: as much input as the last-level cache holds
//     is transformed first, and a chunk is some output channels of all its tiles, so
//     that each part of the filter is transformed by the chunk that uses it, and used
//     at once.
type winogradRun struct {
	winogradPlan
	tiles  int // of all images
	uPlane int // elements of the transformed filter from one plane to the next, within a panel
	uPanel int // and from one panel to the next

	x, y   []float32
	filter WinogradFilter[float32]
	ep     Epilogue[float32]

	u        []float32 // the transformed filter: own memory
	panelsOf []float32 // all panels: u, or prepacked; nil: each chunk makes its own
	v        []float32 // transformed tiles [first, first+count), shared by groups
	vPlane   int
	first    int
	count    int
	band     int // tiles of a band
	group    int // panels of a group
	perChunk int // tiles of a chunk that transforms the input

	left []atomic.Int32 // rows of each chunk of y not written yet, if moments are wanted
}

// winogradScratch is the memory of one chunk.
type winogradScratch struct {
	planeScratch
	v, m, u, taps []float32
	written       []int32 // rows of each chunk of y
	out           winogradOutput
}

// The convolutions in progress.
var (
	winogradRuns      freeList[winogradRun]
	winogradScratches freeList[winogradScratch]
)

// winogradBudget overrides the sizes of bands in tests, which show that no bit depends
// on them.
var winogradBudget struct{ band, groups, count int }

func winograd32(p *pool.Pool, y, x []float32, f WinogradFilter[float32], s WinogradShape, ep Epilogue[float32]) {
	j := winogradRuns.get()
	j.x, j.y, j.filter, j.ep = x, y, f, ep
	j.setShape(s)
	j.run(p)
	*j = winogradRun{u: j.u, v: j.v, left: j.left}
	winogradRuns.put(j)
}

func (j *winogradRun) setShape(s WinogradShape) {
	j.set(s)
	j.tiles = s.N * j.perImage()
	j.uPlane = apartInCache(s.Cin * j.nr)
	j.uPanel = j.planes * j.uPlane
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

// winogradBand is the task of computing a band of tiles, from input to output.
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

// done drops the scratch's references and frees it.
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

// input transforms count tiles from first on; tile i goes to v[i*Cin:] of each plane.
func (j *winogradRun) input(t *winogradScratch, v []float32, plane, first, count int) {
	s := &j.s
	for i := range count {
		n, row, col := j.place(first + i)
		off, base := j.patch(&t.table, n, row, col)
		for c := 0; c < s.Cin; c += len(winogradZeros) {
			j.kernels.input(v[i*s.Cin+c:], plane, j.x[base+c:], off, min(len(winogradZeros), s.Cin-c))
		}
	}
}

// multiply sets each plane of t.m, rows × panels·nr, to the product of those of v
// and of u, which starts with the first of the panels.
func (j *winogradRun) multiply(t *winogradScratch, v []float32, vPlane, rows int, u []float32, panels int) {
	ldm := panels * j.nr
	mPlane := apartInCache(rows * ldm)
	t.m = alignedSlice(t.m, j.planes*mPlane)
	if j.s.Cin == 0 {
		clear(t.m)
		return
	}
	q := j.product(&t.planeScratch, rows, j.s.Cin, panels, ldm)
	q.byRows(&t.planeScratch, j.gemm.mr, j.s.Cin)
	q.bPanel = j.uPanel
	for p := range j.planes {
		var next *float32
		if p+1 < j.planes {
			next = &u[(p+1)*j.uPlane]
		}
		q.plane(v[p*vPlane:], u[p*j.uPlane:], t.m[p*mPlane:], next)
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
