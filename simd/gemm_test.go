package simd

import (
	"fmt"
	"math"
	"math/rand"
	"testing"

	"anomem/simd/pool"
)

var tmpGemms []gemmKernel

func randSlice(r *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	return x
}

func TestTmpGemm(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	p := pool.New(2)
	defer p.Close()
	defer func(a *kernels) { active = a }(active)
	for _, g := range tmpGemms {
		kk := purego
		kk.gemm = g
		for it := 0; it < 3000; it++ {
			m, n, k := r.Intn(30), r.Intn(70), r.Intn(30)
			if it%50 == 0 {
				m, n, k = r.Intn(300), r.Intn(200), r.Intn(700)
			}
			ta, tb := r.Intn(2) == 0, r.Intn(2) == 0
			op := func(rows, cols int, tr bool) Operand[float32] {
				if tr {
					rows, cols = cols, rows
				}
				s := cols + r.Intn(5)
				if r.Intn(4) == 0 {
					s = roundUp(s, 256)
				}
				return Operand[float32]{randSlice(r, rows*s), s, tr}
			}
			a, b := op(m, k, ta), op(k, n, tb)
			ldc := n + r.Intn(4)
			c0 := randSlice(r, m*ldc)
			var ep Epilogue[float32]
			ep.Accumulate = r.Intn(2) == 0
			switch r.Intn(4) {
			case 0:
				ep.Bias = randSlice(r, n)
			case 1:
				ep.Scale, ep.Shift = randSlice(r, n), randSlice(r, n)
			}
			if r.Intn(3) == 0 {
				ep.ResidualStride = n + r.Intn(3)
				ep.Residual = randSlice(r, m*ep.ResidualStride)
			}
			ep.ReLU = r.Intn(3) == 0
			want, got := append([]float32{}, c0...), append([]float32{}, c0...)
			taps := 1 + r.Intn(4)
			gather := r.Intn(3) == 0
			var rows RowTable
			ga := randSlice(r, 500+k)
			if gather {
				rows.Taps = taps
				for i := 0; i < m*taps; i++ {
					o := int32(r.Intn(500))
					if r.Intn(5) == 0 {
						o = -1
					}
					rows.Off = append(rows.Off, o)
				}
				b = op(k*taps, n, tb)
			}
			do := func(c []float32, q *pool.Pool) {
				if gather {
					GatherGemm(q, c, ldc, ga, rows, b, m, n, k, ep)
				} else {
					Gemm(q, c, ldc, a, b, m, n, k, ep)
				}
			}
			active = &purego
			do(want, nil)
			active = &kk
			var q *pool.Pool
			if it%2 == 0 {
				q = p
			}
			do(got, q)
			for i := range want {
				if math.Float32bits(want[i]) != math.Float32bits(got[i]) {
					t.Error(it, g.nr, m, n, k, ta, tb, gather, taps, ep.Accumulate, ep.Bias != nil, ep.Scale != nil, ep.Residual != nil, ep.ReLU, i/ldc, i%ldc, want[i], got[i])
					break
				}
			}
		}
	}
}

func BenchmarkTmpGemm(b *testing.B) {
	r := rand.New(rand.NewSource(1))
	defer func(a *kernels) { active = a }(active)
	shapes := [][3]int{{256, 256, 256}, {512, 512, 512}, {1024, 1024, 1024}, {2048, 2048, 2048},
		{25088, 64, 64}, {25088, 256, 64}, {25088, 64, 256}, {6272, 128, 256}, {6272, 512, 128}, {6272, 128, 512}, {1568, 1024, 256}, {1568, 256, 1024}, {392, 2048, 512}, {392, 512, 2048}, {49, 2048, 512}, {49, 512, 2048}, {196, 1024, 256}, {196, 256, 1024}, {784, 512, 128}, {784, 128, 512}, {3136, 64, 64}, {3136, 256, 64}}
	for _, g := range tmpGemms {
		kk := purego
		kk.gemm = g
		active = &kk
		for _, s := range shapes {
			m, n, k := s[0], s[1], s[2]
			A, B, C := randSlice(r, m*k), randSlice(r, k*n), make([]float32, m*n)
			for _, th := range []int{1, 2} {
				if th == 2 && m != n {
					continue
				}
				b.Run(fmt.Sprintf("%d/%dx%dx%d/t%d", g.nr, m, n, k, th), func(b *testing.B) {
					p := pool.New(th)
					defer p.Close()
					for b.Loop() {
						Gemm(p, C, n, Operand[float32]{A, k, false}, Operand[float32]{B, n, false}, m, n, k, Epilogue[float32]{})
					}
					b.ReportMetric(2*float64(m)*float64(n)*float64(k)*float64(b.N)/b.Elapsed().Seconds()*1e-9, "GF")
				})
			}
		}
	}
}
