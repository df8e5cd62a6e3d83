package simd

import "anomem/simd/pool"

// packing is the task of packing the panels in hand of a product, packGroup a chunk.
type packing product

func (j *product) pack(p *pool.Pool) {
	n := j.end - j.packedFrom()
	if n <= 0 || j.ready != nil {
		return
	}
	size := j.depth() * j.tile.nr
	j.packed = alignedSlice(j.packed, n*size)
	j.packGroup = roundUp(ceilDiv(packChunk, size), packPanels)
	p.Run((*packing)(j), ceilDiv(n, j.packGroup))
}

// packedFrom returns the first of the panels in hand that is packed.
func (j *product) packedFrom() int { return max(j.panel, j.packFrom) }

func (j *packing) Chunk(i int) {
	p := (*product)(j)
	at := p.packedFrom() + i*p.packGroup
	for end := min(at+p.packGroup, p.end); at < end; at += packPanels {
		p.packPanels(at, min(at+packPanels, end), p.packedPanel)
	}
}

// packPanels packs panels [at, end) of the block in hand, each into place(panel).
func (j *product) packPanels(at, end int, place func(panel int) []float32) {
	nr := j.tile.nr
	if j.tile.pack != nil && !j.b.Trans && end-at == packPanels && end*nr <= j.n {
		j.packTogether(at, place)
		return
	}
	for ; at < end; at++ {
		j.packPanel(place(at), at)
	}
}

// packTogether packs packPanels full panels row by row, so that memory is read in
// order.
func (j *product) packTogether(at int, place func(panel int) []float32) {
	dst := place(at)
	panel := int(addr(&place(at + 1)[0]) - addr(&dst[0]))
	src := j.b.Data[j.b.at(j.row0(), at*j.tile.nr):]
	j.tile.pack(&dst[0], panel, &src[0], j.b.Stride*4, j.depth())
}

// packPanel stores the rows of a panel of B, of the block in hand, one after the
// other, nr columns each, the missing columns of the last panel as +0.
func (j *product) packPanel(dst []float32, at int) {
	nr, depth := j.tile.nr, j.depth()
	k0, j0 := j.row0(), at*nr
	cols := min(nr, j.n-j0)
	if cols < nr {
		clear(dst)
	}
	if j.b.Trans {
		j.tile.transpose(dst, nr, j.b.Data[j.b.at(k0, j0):], j.b.Stride, cols, depth)
		return
	}
	src := j.b.Data[j.b.at(k0, j0):]
	if cols < nr {
		CopyRows(dst, nr, src, j.b.Stride, depth, cols)
		return
	}
	packRows(dst, nr, src, j.b.Stride, depth)
}

// packedPanel returns the memory of packed panel at.
func (j *product) packedPanel(at int) []float32 {
	if j.ready != nil {
		return j.ready.panel(j, at)
	}
	size := j.depth() * j.tile.nr
	i := at - j.packedFrom()
	return j.packed[i*size : (i+1)*size]
}

// packRows copies rows of nr elements, nr a multiple of 16, from stride apart to
// one after the other.
func packRows(dst []float32, nr int, src []float32, stride, rows int) {
	for range rows - 1 {
		for l := 0; l < nr; l += 16 {
			*(*[16]float32)(dst[l:]) = *(*[16]float32)(src[l:])
		}
		dst, src = dst[nr:], src[stride:]
	}
	for l := 0; l < nr; l += 16 {
		*(*[16]float32)(dst[l:]) = *(*[16]float32)(src[l:])
	}
}
