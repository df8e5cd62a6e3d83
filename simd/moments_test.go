package simd_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"anomem/simd"
	"anomem/simd/pool"
)

// TestMoments holds the sums that an epilogue takes to ColumnMoments of the chunks
// of C as it was stored, at every level.
func TestMoments(t *testing.T) {
	defer simd.Use(simd.Level())
	for _, l := range simd.Levels() {
		if len(l.Missing) > 0 {
			continue
		}
		if err := simd.Use(l.Name); err != nil {
			t.Fatal(err)
		}
		t.Run(l.Name, testMoments[float32])
	}
	t.Run("float64", testMoments[float64])
}

func testMoments[T simd.Float](t *testing.T) {
	for _, threads := range []int{1, 2, 4} {
		p := pool.New(threads)
		defer p.Close()
		for _, m := range []int{1, 127, 128, 129, 256, 391} {
			for _, n := range []int{1, 15, 33, 100} {
				for _, k := range []int{0, 1, 40} {
					checkMoments(t, fmt.Sprintf("Gemm %d×%d×%d, %d threads", m, n, k, threads), m, n, n+m%3,
						func(c []T, ldc int, ep simd.Epilogue[T]) {
							a, b := simd.Operand[T]{Data: normals[T](m * k), Stride: k}, simd.Operand[T]{Data: normals[T](k * n), Stride: n}
							simd.Gemm(p, c, ldc, a, b, m, n, k, ep)
						})
				}
				const taps, k = 3, 5
				rows := simd.RowTable{Taps: taps}
				for i := range taps * m {
					rows.Off = append(rows.Off, int32(i%7)-1)
				}
				b := simd.Operand[T]{Data: normals[T](taps * k * n), Stride: n}
				checkMoments(t, fmt.Sprintf("GatherGemm %d×%d, %d threads", m, n, threads), m, n, n+1,
					func(c []T, ldc int, ep simd.Epilogue[T]) {
						simd.GatherGemm(p, c, ldc, normals[T](20), rows, b, m, n, k, ep)
					})
			}
		}
		rows := simd.RowTable{Taps: 3, Off: make([]int32, 3*11)}
		b := simd.Operand[T]{Data: normals[T](11 * 9), Stride: 9}
		checkMoments(t, fmt.Sprintf("GatherGemmT, %d threads", threads), 3*50, 9, 9, func(c []T, ldc int, ep simd.Epilogue[T]) {
			simd.GatherGemmT(p, c, ldc, normals[T](50), rows, b, 50, 9, 11, ep)
		})
		for _, tile := range []int{2, 4} {
			for _, s := range []simd.WinogradShape{
				{N: 1, H: 3, W: 4, Cin: 5, Cout: 6}, {N: 2, H: 8, W: 16, Cin: 3, Cout: 33},
				{N: 3, H: 29, W: 27, Cin: 16, Cout: 20}, {N: 5, H: 7, W: 7, Cin: 40, Cout: 70},
			} {
				s.Pad, s.Tile = 1, tile
				f := simd.WinogradFilter[T]{Data: normals[T](9 * s.Cin * s.Cout)}
				checkMoments(t, fmt.Sprintf("%+v, %d threads", s, threads), s.N*s.H*s.W, s.Cout, s.Cout,
					func(c []T, _ int, ep simd.Epilogue[T]) {
						simd.Winograd(p, c, normals[T](s.N*s.H*s.W*s.Cin), f, s, ep)
					})
			}
		}
	}
}

// checkMoments runs a product of m rows of n, plain and with everything that an
// epilogue can do before it takes sums.
func checkMoments[T simd.Float](t *testing.T, name string, m, n, ldc int, run func(c []T, ldc int, ep simd.Epilogue[T])) {
	t.Helper()
	for i, ep := range []simd.Epilogue[T]{
		{},
		{Accumulate: true, Bias: normals[T](n), Residual: normals[T](m * n), ResidualStride: n, ReLU: true},
		{Scale: normals[T](n), Shift: normals[T](n)},
	} {
		c := normals[T](m * ldc)
		chunks := (m + simd.ColumnChunk - 1) / simd.ColumnChunk
		ep.Sums, ep.Squares = make([]float64, chunks*n), make([]float64, chunks*n)
		for j := range ep.Sums {
			ep.Sums[j], ep.Squares[j] = 1e9, 1e9 // is overwritten
		}
		run(c, ldc, ep)
		for chunk := range chunks {
			from := chunk * simd.ColumnChunk
			rows := min(simd.ColumnChunk, m-from)
			packed := make([]T, rows*n)
			simd.CopyRows(packed, n, c[from*ldc:], ldc, rows, n)
			sum, sumsq := make([]float64, n), make([]float64, n)
			simd.ColumnMoments(sum, sumsq, packed, rows, n)
			for j := range n {
				if got := ep.Sums[chunk*n+j]; got != sum[j] {
					t.Fatalf("%s, epilogue %d: sum of column %d, chunk %d is %v, want %v", name, i, j, chunk, got, sum[j])
				}
				if got := ep.Squares[chunk*n+j]; got != sumsq[j] {
					t.Fatalf("%s, epilogue %d: squares of column %d, chunk %d are %v, want %v", name, i, j, chunk, got, sumsq[j])
				}
			}
		}
	}
}

func normals[T simd.Float](n int) []T {
	r := rand.New(rand.NewPCG(uint64(n), 1))
	x := make([]T, n)
	for i := range x {
		x[i] = T(r.NormFloat64())
	}
	return x
}

// TestMomentsAllocateNothing, once a product has run.
func TestMomentsAllocateNothing(t *testing.T) {
	defer simd.Use(simd.Level())
	const m, n, k = 200, 20, 6
	c, x := normals[float32](m*n), normals[float32](m*n)
	ep := simd.Epilogue[float32]{Sums: make([]float64, 2*n), Squares: make([]float64, 2*n)}
	for _, l := range simd.Levels() {
		if len(l.Missing) > 0 {
			continue
		}
		if err := simd.Use(l.Name); err != nil {
			t.Fatal(err)
		}
		for _, k := range []int{0, k} {
			if n := testing.AllocsPerRun(5, func() {
				simd.Gemm(nil, c, n, simd.Operand[float32]{Data: x, Stride: k}, simd.Operand[float32]{Data: x, Stride: n}, m, n, k, ep)
			}); n != 0 {
				t.Errorf("%s, k = %d: %v allocations", l.Name, k, n)
			}
		}
	}
}
