package autograd_test

import (
	"fmt"
	"testing"

	"anomem/autograd"
	"anomem/simd/pool"
)

// BenchmarkConv2D reports GFLOP/s of the forward pass, and of all passes of
// training, each counted as much.
func BenchmarkConv2D(b *testing.B) {
	for _, c := range []struct {
		n, h, cin, cout, k int
		conv               autograd.Conv
	}{
		{8, 56, 64, 64, 3, autograd.Conv{PadH: 1, PadW: 1}},
		{8, 56, 64, 128, 3, autograd.Conv{StrideH: 2, StrideW: 2, PadH: 1, PadW: 1}},
		{8, 28, 128, 512, 1, autograd.Conv{}},
		{8, 56, 256, 512, 1, autograd.Conv{StrideH: 2, StrideW: 2}},
		{4, 224, 3, 64, 7, autograd.Conv{StrideH: 2, StrideW: 2, PadH: 3, PadW: 3}},
	} {
		x := random[float32](1, c.n, c.h, c.h, c.cin)
		w := random[float32](2, c.k, c.k, c.cin, c.cout).RequireGrad()
		for _, threads := range []int{1, 2} {
			p := pool.New(threads)
			defer p.Close()
			g := autograd.NewGraph[float32](p)
			name := fmt.Sprintf("%dx%d,%d,%d-%d/%d threads", c.k, c.k, c.h, c.cin, c.cout, threads)
			report := func(b *testing.B, y *tensor, passes int) {
				flops := 2 * float64(y.Len()) * float64(c.k*c.k*c.cin*passes)
				b.ReportMetric(flops*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
			}
			b.Run(name+"/forward", func(b *testing.B) {
				var y *tensor
				for b.Loop() {
					g.Reset()
					y = g.Conv2D(x, w, nil, c.conv)
				}
				report(b, y, 1)
			})
			b.Run(name+"/training", func(b *testing.B) {
				passes := 2
				if c.cin > 3 { // an image needs no gradient
					x.RequireGrad()
					passes = 3
				}
				var y *tensor
				for b.Loop() {
					g.Reset()
					y = g.Conv2D(x, w, nil, c.conv)
					g.BackwardFrom(y, y.Data())
				}
				report(b, y, passes)
			})
		}
	}
}

// BenchmarkTrainingStep times a step of the small network.
func BenchmarkTrainingStep(b *testing.B) {
	for _, threads := range []int{1, 2} {
		b.Run(fmt.Sprint(threads, " threads"), func(b *testing.B) {
			p := pool.New(threads)
			defer p.Close()
			n := newNetwork[float32](p, 64, 1)
			for b.Loop() {
				n.step()
			}
		})
	}
}

// BenchmarkRecord times the smallest operation: what the tape costs.
func BenchmarkRecord(b *testing.B) {
	g := autograd.NewGraph[float32](nil)
	x := random[float32](1, 1).RequireGrad()
	for i := 0; b.Loop(); i++ {
		if i%1000 == 0 {
			g.Reset()
		}
		g.Scale(x, 2)
	}
}
