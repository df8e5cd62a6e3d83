package simd

import (
	"slices"
	"unsafe"
)

// planeProduct multiplies the planes of a transform, one after another: c = a·b, or
// c += a·b, for a of rows × k and b of k × panels·nr, stored by panels. The plan's
// product sets what follows from the sizes; the caller sets the rest.
type planeProduct struct {
	rows, k, panels, nr int
	cStride             int // elements from one row of c to the next

	aRow, aStep int // elements of a from one row to the next, and from one term of k to the next
	bPanel      int // elements of b from one panel to the next
	load        bool

	// For a tile kernel:
	run             func(*gemmArgs) // nil: the product follows the specification in Go
	args            *gemmArgs
	off             []int
	low, high, rest int // rows of the tiles, by cutRows
	depth           int // terms of k in a call
}

// planeScratch is the memory of the products and patches of one chunk.
type planeScratch struct {
	off   []int
	args  gemmArgs
	table [winoMax]int32
}

// product returns a product of these sizes.
func (l *winogradPlan) product(t *planeScratch, rows, k, panels, cStride int) planeProduct {
	q := planeProduct{rows: rows, k: k, panels: panels, nr: l.nr, cStride: cStride, run: l.gemm.run}
	if q.run == nil {
		return q
	}
	q.low, q.high, q.rest = cutRows(rows, l.gemm.mr)
	q.depth = roundUp(ceilDiv(k, ceilDiv(k, blockingFor(l.gemm).depth)), 8)
	q.args = &t.args
	t.args = gemmArgs{
		offStep: l.gemm.mr * int(unsafe.Sizeof(t.off[0])), bStride: l.nr * 4, cStride: cStride * 4, taps: 1,
		mask: columnMask(l.nr, l.nr, l.gemm.alwaysMasked),
	}
	return q
}

// byRows makes a tile kernel read the rows of a, whose terms lie together.
func (q *planeProduct) byRows(t *planeScratch, mr, aRow int) {
	q.aRow, q.aStep = aRow, 1
	if q.run == nil {
		return
	}
	tiles := q.high + q.rest
	t.off = slices.Grow(t.off[:0], tiles*mr)[:tiles*mr]
	row := 0
	for tile := range tiles {
		height := q.low
		if tile < q.high {
			height++
		}
		for r := range height {
			t.off[tile*mr+r] = (row + r) * aRow * 4
		}
		row += height
	}
	q.off = t.off
}

// byColumns makes columns, a kernel for a transposed a, read it: its rows lie together,
// and its terms aStep apart.
func (q *planeProduct) byColumns(t *planeScratch, columns func(*gemmArgs), aStep int) {
	q.aRow, q.aStep = 1, aStep
	if q.run == nil {
		return
	}
	q.run = columns
	t.off = slices.Grow(t.off[:0], q.k)[:q.k]
	for k := range t.off {
		t.off[k] = k * aStep * 4
	}
	q.off = t.off
}

// plane multiplies one plane. next is the first panel of the next plane, which the
// kernel prefetches, or nil.
func (q *planeProduct) plane(a, b, c []float32, next *float32) {
	if q.run == nil {
		q.planeGo(a, b, c)
		return
	}
	g := q.args
	for from := 0; from < q.k; from += q.depth {
		g.k = min(q.depth, q.k-from)
		g.load = min(from, 1)
		if q.load {
			g.load = 1
		}
		for i := range q.panels {
			g.b = addr(&b[i*q.bPanel+from*q.nr])
			switch { // what comes next
			case i+1 < q.panels:
				g.next = g.b + uintptr(q.bPanel*4)
			case next != nil:
				g.next = addr(next)
			default:
				g.next = g.b
			}
			g.a, g.off = addr(&a[from*q.aStep]), addr(&q.off[0])
			g.c = addr(&c[i*q.nr])
			if q.high > 0 {
				g.height, g.tiles = q.low+1, q.high
				q.run(g)
			}
			g.height, g.tiles = q.low, q.rest
			q.run(g)
		}
	}
}

// planeGo is the specification of plane.
func (q *planeProduct) planeGo(a, b, c []float32) {
	for r := range q.rows {
		for i := range q.panels {
			sums := c[r*q.cStride+i*q.nr:][:q.nr]
			if !q.load {
				clear(sums)
			}
			for k := range q.k {
				fmaRow(sums, a[r*q.aRow+k*q.aStep], b[i*q.bPanel+k*q.nr:])
			}
		}
	}
}
