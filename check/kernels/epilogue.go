package kernels

import (
	"anomem/simd"
	"anomem/simd/pool"
)

// ends says which steps an epilogue has.
type ends struct{ accumulate, bias, scale, residual, relu, moments bool }

// epilogue returns the epilogue with x[3] as the residual, x[4] as the bias or the
// scale, x[5] as the shift, and d as the moments.
func (e ends) epilogue(x floats, d doubles, residualStride int) simd.Epilogue[float32] {
	ep := simd.Epilogue[float32]{Accumulate: e.accumulate, ReLU: e.relu}
	if e.moments {
		ep.Sums, ep.Squares = d[0], d[1]
	}
	if e.residual {
		ep.Residual, ep.ResidualStride = x[3], residualStride
	}
	if e.bias {
		ep.Bias = x[4]
	}
	if e.scale {
		ep.Scale, ep.Shift = x[4], x[5]
	}
	return ep
}

// moments returns the previous contents of an epilogue's sums and squares, for m rows
// of n.
func moments(r source, m, n int) [][]float64 {
	d := make([][]float64, 2)
	for i := range d {
		d[i] = make([]float64, (m+simd.ColumnChunk-1)/simd.ColumnChunk*n)
		for j := range d[i] {
			d[i][j] = r.NormFloat64()
		}
	}
	return d
}

// onThreads calls f with a pool of that many threads, or with nil for fewer than two.
func onThreads(threads int, f func(*pool.Pool)) {
	if threads < 2 {
		f(nil)
		return
	}
	p := pool.New(threads)
	defer p.Close()
	f(p)
}
