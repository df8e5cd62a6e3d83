package simd

import "anomem/simd/pool"

// packing is a product as the task of packing its panels in hand: chunk i is
// packPanels of them.
type packing product

func (j *product) pack(p *pool.Pool) {
	from := max(j.panel, j.packFrom)
	n := j.end - from
	if n <= 0 || j.ready != nil {
		return
	}
	j.packed = alignedSlice(j.packed, n*j.depth()*j.tile.nr)
	p.Run((*packing)(j), ceilDiv(n, packPanels))
}

func (j *packing) Chunk(i int) {
	p := (*product)(j)
	from := max(p.panel, p.packFrom)
	for at := from + i*packPanels; at < min(from+(i+1)*packPanels, p.end); at++ {
		p.packPanel(p.packedPanel(at), at)
	}
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

// packedPanel is where panel at is packed.
func (j *product) packedPanel(at int) []float32 {
	if j.ready != nil {
		return j.ready.panel(j, at)
	}
	size := j.depth() * j.tile.nr
	i := at - max(j.panel, j.packFrom)
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
