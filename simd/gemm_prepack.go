package simd

// packedOperand is a whole right factor as panels: for each block of k, panel after
// panel, nr columns a row.
type packedOperand struct {
	nr, n, k, taps, depth int
	data                  []float32
}

// Prepack returns b, a right factor of taps·k rows and n columns, with its float32
// panels packed for the level in use. It serves factors that are multiplied many
// times, such as weights that are no longer trained; taps is 1 for Gemm. The data must
// not change afterwards. A product of another shape or level packs anew, with the same
// bits. The panels take as much memory as the data, with n rounded up to a panel.
//
// It panics where the data is too short for the shape.
func Prepack[T Float](b Operand[T], n, k, taps int) Operand[T] {
	checkOperand("Prepack", "B", b, area("Prepack", taps, k), n)
	tile := active.gemm.forColumns(n)
	if !is32[T]() || tile.run == nil || n == 0 || k <= 0 || taps <= 0 {
		return b
	}
	j := product{tile: tile, b: operand32(b), n: n, k: k, cut: blockingFor(tile)}
	j.end = ceilDiv(n, tile.nr)
	ready := &packedOperand{tile.nr, n, k, taps, j.cut.depth, alignedSlice(nil, taps*k*j.end*tile.nr)}
	for j.next(k, taps, j.cut.depth) {
		for at := range j.end {
			j.packPanel(ready.panel(&j, at), at)
		}
	}
	b.packed = ready
	return b
}

// fits reports whether the panels serve a product.
func (p *packedOperand) fits(nr, n, k, taps, depth int) bool {
	return p != nil && p.nr == nr && p.n == n && p.k == k && p.taps == taps && p.depth == depth
}

// panel returns panel at of the block that j has in hand.
func (p *packedOperand) panel(j *product, at int) []float32 {
	size := j.depth() * p.nr
	from := j.row0()*ceilDiv(p.n, p.nr)*p.nr + at*size
	return p.data[from : from+size]
}
