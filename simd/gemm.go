package simd

import (
	"fmt"

	"anomem/simd/pool"
)

// Operand is a factor of a product, stored row by row.
type Operand[T Float] struct {
	Data   []T
	Stride int  // elements from one stored row to the next
	Trans  bool // the factor is the transpose of what is stored

	packed *packedOperand // see Prepack
}

// at returns the index in Data of element (i, j) of the factor.
func (o Operand[T]) at(i, j int) int {
	if o.Trans {
		i, j = j, i
	}
	return i*o.Stride + j
}

// Epilogue says what a product starts from, and which operations are applied to each
// finished element before it is stored. The zero value means plain C = A·B.
//
// With acc the finished sum of element (i, j), in this order:
//
//	v = fma(acc, Scale[j], Shift[j])   where Scale is set
//	v = acc + Bias[j]                  where Bias is set (not together with Scale)
//	v = v + Residual[i*ResidualStride+j]
//	v = 0 > v ? 0 : v                  where ReLU
type Epilogue[T Float] struct {
	Accumulate     bool // start from what C holds, not from +0
	Scale, Shift   []T  // n each, or both nil
	Bias           []T  // n, or nil
	Residual       []T  // m rows of n, or nil
	ResidualStride int
	ReLU           bool

	// Sums and Squares, both or neither, receive the moments of the finished C: a row
	// of n for each chunk of ColumnChunk rows from row 0 of the product; the last chunk
	// may be short. Row i is overwritten with what ColumnMoments would add to zeros for
	// the rows of chunk i as they were stored. Batch norm adds the chunks in order.
	// They cannot be combined with rows in runs.
	Sums, Squares []float64
}

// Gemm computes C = A·B, or C += A·B, then the epilogue, for A m×k, B k×n and C
// m×n stored by rows ldc apart. c must not overlap the factors.
//
// Each element is one chain of fused multiply-adds in increasing k, whatever the
// blocking, the level and the number of threads of p (nil: the caller alone).
// If k = 0, the sum is its starting value, and the epilogue still runs.
//
// It panics where a slice is too short for its shape.
func Gemm[T Float](p *pool.Pool, c []T, ldc int, a, b Operand[T], m, n, k int, ep Epilogue[T]) {
	checkOperand("Gemm", "A", a, m, k)
	checkProduct("Gemm", c, ldc, b, m, n, k, &ep)
	if m == 0 || n == 0 {
		return
	}
	if is32[T]() && active.gemm.run != nil {
		gemmBlocked(p, as32(c), ldc, rowsOf[float32]{a: operand32(a), RowTable: RowTable{Taps: 1}}, operand32(b), m, n, k, epilogue32(ep))
		return
	}
	gemmPlain(p, c, ldc, rowsOf[T]{a: a, RowTable: RowTable{Taps: 1}}, b, m, n, k, ep)
}

// RowTable says where the rows of a gathered factor lie: row i of tap t starts at
// element Off[i*Taps+t]. A negative offset stands for a row of zeros.
//
// With Run > 0 the rows of C come in runs: row i starts at element
// (i/Run)·RunStride + (i mod Run)·ldc. A product can thus write every other column of
// every other row of a map. Runs cannot be combined with a residual.
type RowTable struct {
	Off            []int32
	Taps           int
	Run, RunStride int
}

// cRow returns the element at which row i of C starts.
func (t *RowTable) cRow(i, ldc int) int {
	if t.Run == 0 {
		return i * ldc
	}
	return i/t.Run*t.RunStride + i%t.Run*ldc
}

// GatherGemm computes the batch-reduce product
//
//	C[i, :] = start + Σ_t Σ_κ A_t[i, κ]·B[t·k+κ, :],   A_t[i, κ] = a[Off[i·Taps+t] + κ]
//
// with taps outside, κ inside, then the epilogue. B has Taps·k rows. A convolution
// is such a product: a tap is one (kh, kw) of the filter, a row one output
// position, k the input channels, and padding a row of zeros, which is multiplied
// and added like any other.
//
// It panics where a slice is too short for its shape, or an offset points outside a.
func GatherGemm[T Float](p *pool.Pool, c []T, ldc int, a []T, rows RowTable, b Operand[T], m, n, k int, ep Epilogue[T]) {
	checkOffsets("GatherGemm", &rows, len(a), m, k)
	depth := area("GatherGemm", rows.Taps, k)
	if rows.Run > 0 {
		checkRuns(&rows, len(c), ldc, m, n, &ep)
		checkProduct[T]("GatherGemm", nil, ldc, b, 0, n, depth, &ep)
	} else {
		checkProduct("GatherGemm", c, ldc, b, m, n, depth, &ep)
	}
	if m == 0 || n == 0 {
		return
	}
	if is32[T]() && active.gemm.run != nil {
		gemmBlocked(p, as32(c), ldc, rowsOf[float32]{a: Operand[float32]{Data: as32(a)}, RowTable: rows}, operand32(b), m, n, k, epilogue32(ep))
		return
	}
	gemmPlain(p, c, ldc, rowsOf[T]{a: Operand[T]{Data: a}, RowTable: rows}, b, m, n, k, ep)
}

// GatherGemmT computes the product with the gathered factor transposed,
//
//	C[t·w + i, :] = start + Σ_r A_t[r, i]·B[r, :],   A_t[r, i] = a[Off[r·Taps+t] + i],   i < w
//
// over k rows r in increasing order, then the epilogue: the gradient of a
// convolution's weights, where r is an output position. C has Taps·w rows. A row with
// a negative offset is zeros, which are multiplied and added like any others.
//
// It panics where a slice is too short for its shape, an offset points outside a, or
// rows come in runs.
func GatherGemmT[T Float](p *pool.Pool, c []T, ldc int, a []T, rows RowTable, b Operand[T], w, n, k int, ep Epilogue[T]) {
	if rows.Run != 0 {
		panic("simd: GatherGemmT: rows of C in runs")
	}
	checkOffsets("GatherGemmT", &rows, len(a), k, w)
	m := area("GatherGemmT", rows.Taps, w)
	checkProduct("GatherGemmT", c, ldc, b, m, n, k, &ep)
	if m == 0 || n == 0 {
		return
	}
	if is32[T]() && active.gemm.run != nil {
		gemmBlocked(p, as32(c), ldc, rowsOf[float32]{a: Operand[float32]{Data: as32(a)}, RowTable: rows, width: w}, operand32(b), m, n, k, epilogue32(ep))
		return
	}
	gemmPlain(p, c, ldc, rowsOf[T]{a: Operand[T]{Data: a}, RowTable: rows, width: w}, b, m, n, k, ep)
}

// checkOffsets panics unless the table has rows, each of whose offsets has room for
// length elements in a factor of n.
func checkOffsets(op string, t *RowTable, n, rows, length int) {
	if t.Taps < 0 || rows < 0 || length < 0 || t.Taps > 0 && rows > len(t.Off)/t.Taps {
		panic(fmt.Sprintf("simd: %s: %d offsets for %d rows of %d taps", op, len(t.Off), rows, t.Taps))
	}
	for i, off := range t.Off[:rows*t.Taps] {
		if off >= 0 && int(off) > n-length {
			panic(fmt.Sprintf("simd: %s: offset %d of row %d, tap %d: %d elements from there are not in a factor of %d",
				op, off, i/t.Taps, i%t.Taps, length, n))
		}
	}
}

func checkOperand[T Float](op, name string, o Operand[T], rows, cols int) {
	if rows < 0 || cols < 0 {
		panic(fmt.Sprintf("simd: %s: %s is %d×%d", op, name, rows, cols))
	}
	if o.Trans {
		rows, cols = cols, rows
	}
	checkMatrix(op, name, len(o.Data), o.Stride, rows, cols)
}

func checkMatrix(op, name string, length, stride, rows, cols int) {
	if rows > 0 && cols > 0 {
		wantRows(op, name, length, stride, rows, cols)
	}
}

// checkRuns panics unless every run of m rows of n elements lies in c elements.
func checkRuns[T Float](t *RowTable, c, ldc, m, n int, ep *Epilogue[T]) {
	if ep.Residual != nil {
		panic("simd: GatherGemm: a residual with runs")
	}
	if ep.Sums != nil || ep.Squares != nil {
		panic("simd: GatherGemm: moments with runs")
	}
	if m == 0 || n == 0 {
		return
	}
	// The last run may be short, and every other is as long as the first.
	further, rows := (m-1)/t.Run, min(m, t.Run)-1
	room := c - n
	bad := room < 0 || ldc < 0 || t.RunStride < 0
	if !bad && rows > 0 {
		bad = ldc > room/rows
		room -= rows * ldc
	}
	if bad || further > 0 && t.RunStride > room/further {
		panic(fmt.Sprintf("simd: GatherGemm: C is stored as %d rows of %d, %d apart in runs of %d, %d apart, in %d elements", m, n, ldc, t.Run, t.RunStride, c))
	}
}

func checkProduct[T Float](op string, c []T, ldc int, b Operand[T], m, n, k int, ep *Epilogue[T]) {
	checkOperand(op, "B", b, k, n)
	if m < 0 {
		panic(fmt.Sprintf("simd: %s: C is %d×%d", op, m, n))
	}
	checkMatrix(op, "C", len(c), ldc, m, n)
	if ep.Residual != nil {
		checkMatrix(op, "Residual", len(ep.Residual), ep.ResidualStride, m, n)
	}
	if ep.Bias != nil && len(ep.Bias) < n || len(ep.Scale) != len(ep.Shift) || ep.Scale != nil && len(ep.Scale) < n {
		panic(fmt.Sprintf("simd: %s: bias of %d, scale of %d, shift of %d for %d columns", op, len(ep.Bias), len(ep.Scale), len(ep.Shift), n))
	}
	if ep.Bias != nil && ep.Scale != nil {
		panic("simd: " + op + ": both a bias and a scale")
	}
	ep.checkMoments(op, m, n)
}

func operand32[T Float](o Operand[T]) Operand[float32] {
	return Operand[float32]{as32(o.Data), o.Stride, o.Trans, o.packed}
}

func epilogue32[T Float](e Epilogue[T]) Epilogue[float32] {
	return Epilogue[float32]{e.Accumulate, nil32(e.Scale), nil32(e.Shift), nil32(e.Bias), nil32(e.Residual), e.ResidualStride, e.ReLU, e.Sums, e.Squares}
}

// nil32 is as32 that keeps nil as nil.
func nil32[T Float](x []T) []float32 {
	if x == nil {
		return nil
	}
	return as32(x)
}
