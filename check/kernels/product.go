package kernels

import (
	"fmt"

	"anomem/simd"
	"anomem/simd/pool"
)

// product is one product to try: shapes, layouts and epilogue.
type product struct {
	m, n, k        int
	transA, transB bool
	pad            int // added to each leading dimension
	accumulate     bool
	bias, scale    bool
	residual, relu bool
	moments        bool
	taps           int  // > 0: gathered rows, k elements a tap
	run            int  // > 0: rows of C come in runs of that many, when gathered
	turned         bool // the gathered factor is transposed: k rows of taps parts, m/taps wide
	padding        bool // every row of a gathered factor is padding
	threads        int
	prepacked      bool
	values         func(source, int) []float32
}

func (p product) String() string {
	s := fmt.Sprintf("%dx%dx%d", p.m, p.n, p.k)
	if p.taps > 0 {
		s += fmt.Sprintf(", %d taps", p.taps)
	}
	if p.turned {
		s += ", turned"
	}
	if p.run > 0 {
		s += fmt.Sprintf(", runs of %d", p.run)
	}
	return s + fmt.Sprintf(", transposed %t %t, padding %d, accumulate %t, bias %t, scale %t, residual %t, ReLU %t, moments %t, prepacked %t, %d threads",
		p.transA, p.transB, p.pad, p.accumulate, p.bias, p.scale, p.residual, p.relu, p.moments, p.prepacked, p.threads)
}

// spread is the number of places at which a gathered row may start.
const spread = 97

// trial returns the product as a trial on C, A, B and the operands of the epilogue.
func (p product) trial(seed uint64) trial {
	r := newSource(seed)
	if p.values == nil {
		p.values = source.ordinary
	}
	c, ldc := p.matrix(r, p.m, p.n, false)
	var a []float32
	var lda int
	var rows simd.RowTable
	if p.taps > 0 {
		a, rows = p.gathered(r)
		if p.run > 0 && p.m > 0 {
			rows.Run, rows.RunStride = p.run, p.run*ldc+p.n+3
			c = p.values(r, ((p.m-1)/p.run+1)*rows.RunStride)
		}
	} else {
		a, lda = p.matrix(r, p.m, p.k, p.transA)
	}
	b, ldb := p.matrix(r, p.depth(), p.n, p.transB)
	residual, ldr := p.matrix(r, p.m, p.n, false)
	t := trial{
		what:   p.String(),
		floats: [][]float32{c, a, b, residual, p.values(r, p.n), p.values(r, p.n)},
	}
	if p.moments {
		t.doubles = moments(r, p.m, p.n)
	}
	t.call = func(x floats, d doubles) float32 {
		ep := ends{p.accumulate, p.bias, p.scale, p.residual, p.relu, p.moments}.epilogue(x, d, ldr)
		onThreads(p.threads, func(workers *pool.Pool) {
			bb := simd.Operand[float32]{Data: x[2], Stride: ldb, Trans: p.transB}
			if p.prepacked {
				bb = simd.Prepack(bb, p.n, p.k, max(1, p.taps))
			}
			if p.turned {
				simd.GatherGemmT(workers, x[0], ldc, x[1], rows, bb, p.m/p.taps, p.n, p.k, ep)
			} else if p.taps > 0 {
				simd.GatherGemm(workers, x[0], ldc, x[1], rows, bb, p.m, p.n, p.k, ep)
			} else {
				simd.Gemm(workers, x[0], ldc, simd.Operand[float32]{Data: x[1], Stride: lda, Trans: p.transA}, bb, p.m, p.n, p.k, ep)
			}
		})
		return 0
	}
	return t
}

// matrix returns the values of a matrix, and its leading dimension.
func (p product) matrix(r source, rows, cols int, trans bool) ([]float32, int) {
	if trans {
		rows, cols = cols, rows
	}
	stride := cols + p.pad
	return p.values(r, max(0, (rows-1)*stride+cols)), stride
}

// depth returns the number of rows of B.
func (p product) depth() int {
	if p.taps > 0 && !p.turned {
		return p.taps * p.k
	}
	return p.k
}

// gathered returns a factor whose rows are gathered, and where they lie in it.
func (p product) gathered(r source) (a []float32, rows simd.RowTable) {
	n, length := p.m, p.k
	if p.turned {
		n, length = p.k, p.m/p.taps
	}
	a = p.values(r, spread+length)
	rows.Taps = p.taps
	for range n * p.taps {
		rows.Off = append(rows.Off, int32(r.IntN(spread+spread/4)-spread/4))
	}
	if p.padding {
		a = nil
		for i := range rows.Off {
			rows.Off[i] = -1
		}
	}
	return a, rows
}

// tryAll tries products until one fails.
func tryAll(try func(trial) error, ps ...product) error {
	for i, p := range ps {
		if err := try(p.trial(uint64(i))); err != nil {
			return err
		}
	}
	return nil
}
