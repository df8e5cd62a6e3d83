package simd

import "anomem/simd/pool"

// rowsOf is the left factor of a product: rows of a matrix, or rows gathered from
// an array through a table (Off not nil).
type rowsOf[T Float] struct {
	a Operand[T]
	RowTable
	width int // > 0: gathered rows are the rows of k, and the factor their transpose: width rows a tap
}

// taps returns the number of parts of each row.
func (r *rowsOf[T]) taps() int {
	if r.width > 0 {
		return 1
	}
	return r.Taps
}

// rowChunk is the number of rows in a chunk of a plain product: enough work if k and n
// are some dozens.
const rowChunk = 16

// plainProduct runs the specification of a product.
type plainProduct[T Float] struct {
	c       []T
	ldc     int
	a       rowsOf[T]
	b       Operand[T]
	m, n, k int
	ep      Epilogue[T]
}

// The plain products in progress.
var (
	plainProducts32 freeList[plainProduct[float32]]
	plainProducts64 freeList[plainProduct[float64]]
)

func gemmPlain[T Float](p *pool.Pool, c []T, ldc int, a rowsOf[T], b Operand[T], m, n, k int, ep Epilogue[T]) {
	l := listOf[plainProduct[T]](&plainProducts32, &plainProducts64)
	j := l.get()
	*j = plainProduct[T]{c, ldc, a, b, m, n, k, ep}
	p.Run(j, ceilDiv(m, rowChunk))
	j.ep.moments(p, c, ldc, m, n)
	*j = plainProduct[T]{}
	l.put(j)
}

// Chunk computes one chunk of rows. k runs outside n, so that the inner loop does not
// wait for a chain of sums.
func (j *plainProduct[T]) Chunk(chunk int) {
	for i := chunk * rowChunk; i < min((chunk+1)*rowChunk, j.m); i++ {
		at := j.a.cRow(i, j.ldc)
		row := j.c[at : at+j.n]
		if !j.ep.Accumulate {
			clear(row)
		}
		for t := range j.a.taps() {
			for kk := range j.k {
				stepK(row, j.a.at(i, t, kk), j.b, t*j.k+kk)
			}
		}
		j.ep.apply(row, i)
	}
}

// at returns element kk of row i, tap t, and +0 for padding.
func (r *rowsOf[T]) at(i, t, kk int) T {
	if r.Off == nil {
		return r.a.Data[r.a.at(i, kk)]
	}
	if r.width > 0 {
		i, t, kk = kk, i/r.width, i%r.width
	}
	if off := r.Off[i*r.Taps+t]; off >= 0 {
		return r.a.Data[int(off)+kk]
	}
	return 0
}

// stepK adds one term to a row of sums: c[j] = fma(s, b(k, j), c[j]).
func stepK[T Float](c []T, s T, b Operand[T], k int) {
	at, step := b.at(k, 0), 1
	if b.Trans {
		step = b.Stride
	}
	if is32[T]() {
		c, b, s := as32(c), as32(b.Data), float32(s)
		if step == 1 {
			fmaRow(c, s, b[at:at+len(c)])
			return
		}
		for j := range c {
			c[j] = FMA32(s, b[at+j*step], c[j])
		}
		return
	}
	for j := range c {
		c[j] += T(s * b.Data[at+j*step])
	}
}

// apply applies the epilogue to row i.
func (e *Epilogue[T]) apply(row []T, i int) {
	if e.Scale != nil {
		for j, v := range row {
			row[j] = fmaOf(v, e.Scale[j], e.Shift[j])
		}
	}
	if e.Bias != nil {
		for j, v := range row {
			row[j] = v + e.Bias[j]
		}
	}
	if e.Residual != nil {
		for j, v := range e.Residual[i*e.ResidualStride:][:len(row)] {
			row[j] += v
		}
	}
	if e.ReLU {
		for j, v := range row {
			if 0 > v {
				row[j] = 0
			}
		}
	}
}

// fmaOf returns x·y + z, rounded once for float32 and twice for float64.
func fmaOf[T Float](x, y, z T) T {
	if is32[T]() {
		return T(FMA32(float32(x), float32(y), float32(z)))
	}
	return T(x*y) + z
}
