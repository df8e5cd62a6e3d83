package simd

import (
	"slices"
	"unsafe"

	"anomem/simd/pool"
)

// multiplying is the task of multiplying A by the panels in hand of a product. Its
// chunks are a grid: rows of C by panels of B.
type multiplying product

func (j *product) multiply(p *pool.Pool) {
	panels := j.end - j.panel
	j.rows = roundUp(ceilDiv(j.m, ceilDiv(j.m, j.cut.rows)), j.tile.mr)
	if j.ep.Sums != nil {
		j.rows = roundUp(j.rows, ColumnChunk)
	}
	down := ceilDiv(j.m, j.rows)
	// Few chunks share badly, and small ones cost more to hand out than they gain.
	// Panels run fastest: consecutive chunks find the same rows of A in the cache.
	work := j.rows * j.tile.nr * j.depth() // of a panel
	across := min(ceilDiv(chunks, down), ceilDiv(panels*work, chunkWork))
	j.panelsWide = ceilDiv(panels, across)
	p.Run((*multiplying)(j), ceilDiv(j.m, j.rows)*ceilDiv(panels, j.panelsWide))
}

func (j *multiplying) Chunk(i int) {
	p := (*product)(j)
	across := ceilDiv(p.end-p.panel, p.panelsWide)
	row, panel := i/across*p.rows, p.panel+i%across*p.panelsWide
	t := tilings.get()
	p.chunk(t, row, min(p.rows, p.m-row), panel, min(panel+p.panelsWide, p.end))
	t.args = gemmArgs{}
	tilings.put(t)
}

// chunk multiplies rows [row, row+rows) by panels [panel, end).
func (j *product) chunk(t *tiling, row, rows, panel, end int) {
	nr := j.tile.nr
	run := j.tile.run
	if j.columns {
		run = j.tile.columns
		j.columnOffsets(t, row, rows)
	} else {
		j.offsets(t, row, rows)
	}
	g := &t.args
	g.offStep = j.tile.mr * int(unsafe.Sizeof(t.off[0]))
	g.cStride = j.ldc * 4
	g.taps, g.k = j.taps, j.block.k
	g.load, g.relu = 1, 0
	if j.first() && !j.ep.Accumulate {
		g.load = 0
	}
	moments, summed := j.last() && j.ep.Sums != nil, panel*nr
	for ; panel < end; panel++ {
		col := panel * nr
		if panel < j.packFrom {
			g.b, g.bStride = addr(&j.b.Data[j.b.at(j.row0(), col)]), j.b.Stride*4
		} else {
			g.b, g.bStride = addr(&j.packedPanel(panel)[0]), nr*4
		}
		g.next = g.b
		if panel+1 < end && panel+1 >= j.packFrom {
			g.next = addr(&j.packedPanel(panel + 1)[0])
		}
		g.mask = columnMask(nr, min(nr, j.n-col), j.tile.alwaysMasked)
		for i := range t.runs {
			r := &t.runs[i]
			g.a, g.off = r.a, addr(&t.off[r.off])
			g.c = addr(&j.c[j.a.cRow(r.row, j.ldc)+col])
			j.epilogue(g, r.row, col)
			if r.high > 0 {
				g.height, g.tiles = r.low+1, r.high
				run(g)
			}
			g.height, g.tiles = r.low, r.rest
			run(g)
		}
		if col += nr; moments && (col-summed >= momentCols || panel+1 == end) {
			j.ep.momentsOf(j.c, j.ldc, j.m, j.n, row, row+rows, summed, min(col, j.n))
			summed = col
		}
	}
}

// epilogue sets what the kernel does to the tiles of a panel once their sums are
// complete.
func (j *product) epilogue(g *gemmArgs, row, col int) {
	g.scale, g.shift, g.residual = 0, 0, 0
	if !j.last() {
		return
	}
	e := &j.ep
	if e.Scale != nil {
		g.scale, g.shift = addr(&e.Scale[col]), addr(&e.Shift[col])
	}
	if e.Bias != nil {
		g.shift = addr(&e.Bias[col])
	}
	if e.Residual != nil {
		g.residual, g.residualStride = addr(&e.Residual[row*e.ResidualStride+col]), e.ResidualStride*4
	}
	if e.ReLU {
		g.relu = 1
	}
}

// offsets cuts rows [row, row+rows) into runs of tiles and fills the table of where
// the rows of A lie.
func (j *product) offsets(t *tiling, row, rows int) {
	base, step := j.place(t, row, rows)
	t.runs, t.off = t.runs[:0], t.off[:0]
	for i := row; i < row+rows; {
		n := row + rows - i
		if j.a.Run > 0 {
			n = min(n, j.a.Run-i%j.a.Run)
		}
		r := j.newRun(t, i, n, base)
		for tile := range r.high + r.rest {
			height := r.low
			if tile < r.high {
				height++
			}
			j.tileOffsets(t, i, height, base, (i-row)*step, step)
			i += height
		}
	}
}

// newRun adds a run of rows [row, row+rows) with offsets from a.
func (j *product) newRun(t *tiling, row, rows int, a uintptr) *run {
	low, high, rest := cutRows(rows, j.tile.mr)
	t.runs = append(t.runs, run{row: row, off: len(t.off), a: a, low: low, high: high, rest: rest})
	return &t.runs[len(t.runs)-1]
}

// cutRows cuts rows into the fewest tiles of at most mr rows, of nearly equal height:
// the first high tiles have low+1 rows, the rest have low.
func cutRows(rows, mr int) (low, high, rest int) {
	tiles := ceilDiv(rows, mr)
	return rows / tiles, rows % tiles, tiles - rows%tiles
}

// columnOffsets cuts rows [row, row+rows) of a transposed A into runs, one a tap, and
// fills the table of where the terms of k lie.
func (j *product) columnOffsets(t *tiling, row, rows int) {
	t.runs, t.off = t.runs[:0], t.off[:0]
	base := addr(unsafe.SliceData(j.a.a.Data))
	if j.a.Off == nil {
		j.newRun(t, row, rows, base+uintptr(row)*4)
		for k := range j.block.k {
			t.off = append(t.off, (j.from+k)*j.a.a.Stride*4)
		}
		return
	}
	zeros := int(addr(&j.zeros[0]) - base)
	for i := row; i < row+rows; {
		tap, first := i/j.a.width, i%j.a.width
		n := min(row+rows-i, j.a.width-first)
		j.newRun(t, i, n, base+uintptr(first)*4)
		for k := range j.block.k {
			o := zeros
			if off := j.a.Off[(j.from+k)*j.a.Taps+tap]; off >= 0 {
				o = int(off) * 4
			}
			t.off = append(t.off, o)
		}
		i += n
	}
}

// tileOffsets adds the offsets of a tile of rows [row, row+height) to the table. The
// rows of a matrix start at byte at and lie step bytes apart.
func (j *product) tileOffsets(t *tiling, row, height int, base uintptr, at, step int) {
	mr := j.tile.mr
	n := len(t.off)
	t.off = slices.Grow(t.off, j.taps*mr)[:n+j.taps*mr]
	off := t.off[n:]
	if j.a.Off == nil || j.a.width > 0 {
		for r := range height {
			off[r] = at + r*step
		}
		return
	}
	zeros := int(addr(&j.zeros[0]) - base)
	for tap := range j.taps {
		for r := range height {
			if o := int(j.a.Off[(row+r)*j.a.Taps+j.tap+tap]); o >= 0 {
				off[tap*mr+r] = (o + j.from) * 4
			} else {
				off[tap*mr+r] = zeros
			}
		}
	}
}

// place returns where rows of A lie for the block of k in hand, and the bytes from one
// to the next. The rows of a transposed factor are copied first.
func (j *product) place(t *tiling, row, rows int) (base uintptr, step int) {
	a := &j.a.a
	switch {
	case j.a.width > 0:
		j.turnGathered(t, row, rows)
		return addr(&t.rows[0]), j.depth() * 4
	case j.a.Off != nil:
		return addr(unsafe.SliceData(a.Data)), 0
	case a.Trans:
		t.rows = alignedSlice(t.rows, rows*j.depth())
		j.tile.transpose(t.rows, j.depth(), a.Data[a.at(row, j.from):], a.Stride, j.depth(), rows)
		return addr(&t.rows[0]), j.depth() * 4
	default:
		return addr(&a.Data[a.at(row, j.from)]), a.Stride * 4
	}
}

// turnGathered copies rows [row, row+rows) of a gathered factor's transpose.
func (j *product) turnGathered(t *tiling, row, rows int) {
	depth := j.depth()
	t.rows = alignedSlice(t.rows, rows*depth)
	t.gathered = alignedSlice(t.gathered, rows*depth)
	for i := 0; i < rows; {
		tap, first := (row+i)/j.a.width, (row+i)%j.a.width
		n := min(rows-i, j.a.width-first)
		for k := range depth {
			to := t.gathered[k*n : (k+1)*n]
			if off := int(j.a.Off[(j.from+k)*j.a.Taps+tap]); off >= 0 {
				copy(to, j.a.a.Data[off+first:])
			} else {
				clear(to)
			}
		}
		j.tile.transpose(t.rows[i*depth:], depth, t.gathered, n, depth, n)
		i += n
	}
}

// columnMask returns the address of the mask for a panel with cols columns, or 0 if a
// full panel needs none.
func columnMask(nr, cols int, always bool) uintptr {
	if cols == nr && !always {
		return 0
	}
	return addr(&columnMasks[maxPanel-cols])
}

const maxPanel = 32 // columns of the widest panel

var columnMasks = func() (m [2 * maxPanel]int32) {
	for i := range maxPanel {
		m[i] = -1
	}
	return m
}()

func addr[E any](p *E) uintptr { return uintptr(unsafe.Pointer(p)) }
