package loss

import (
	"fmt"
	"testing"

	"anomem/autograd"
	"anomem/simd/pool"
)

// NT-Xent forward and backward: 6·(2B)²·C floating-point operations of products in
// the backward pass and a third of that in the forward pass.
func BenchmarkNTXent(b *testing.B) {
	for _, size := range []struct{ p, batch, c int }{{1, 1024, 512}, {16, 64, 1024}} {
		for _, threads := range []int{1, 2} {
			b.Run(fmt.Sprintf("P=%d/B=%d/C=%d/threads=%d", size.p, size.batch, size.c, threads), func(b *testing.B) {
				p := pool.New(threads)
				defer p.Close()
				g := autograd.NewGraph[float32](p)
				z, zp := normal[float32](1, 1, size.p, size.batch, size.c).RequireGrad(), normal[float32](2, 1, size.p, size.batch, size.c).RequireGrad()
				for b.Loop() {
					g.Backward(g.Mean(NTXent(g, z, zp, 0.1), false))
					g.Reset()
				}
				n := 2 * float64(size.batch)
				flop := 6 * n * n * float64(size.c) * float64(size.p)
				b.ReportMetric(flop*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
			})
		}
	}
}
