package simd_test

import (
	"fmt"
	"testing"

	"anomem/simd"
	"anomem/simd/pool"
)

// BenchmarkWinograd times both sizes of tile in turn with the direct sum, a product
// of gathered rows, on the 3×3 layers of ResNet, for training (the filter is
// transformed and packed in every call) and inference (once). GFLOP/s are those of
// the direct sum.
func BenchmarkWinograd(b *testing.B) {
	for _, c := range []struct{ n, size, channels int }{
		{1, 56, 64}, {1, 28, 128}, {1, 14, 256}, {1, 7, 512},
		{8, 56, 64}, {8, 28, 128}, {8, 14, 256}, {8, 7, 512},
		{32, 32, 64}, {32, 16, 128}, {32, 8, 256}, {32, 4, 512},
		{32, 32, 16}, {32, 16, 32},
	} {
		s := simd.WinogradShape{N: c.n, H: c.size, W: c.size, Cin: c.channels, Cout: c.channels, Pad: 1}
		x, w := fill(c.n*c.size*c.size*c.channels), fill(9*c.channels*c.channels)
		y := make([]float32, len(x))
		rows := directRows(s)
		m, k := c.n*c.size*c.size, c.channels
		flop := 2 * 9 * float64(m) * float64(k) * float64(k)
		bench := func(name string, call func()) {
			b.Run(fmt.Sprintf("%d×%d²×%d/%s", c.n, c.size, c.channels, name), func(b *testing.B) {
				for b.Loop() {
					call()
				}
				b.ReportMetric(flop*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
			})
		}
		weights := simd.Operand[float32]{Data: w, Stride: k}
		direct := func(weights simd.Operand[float32]) func() {
			return func() {
				simd.GatherGemm(nil, y, k, x, rows, weights, m, k, k, simd.Epilogue[float32]{})
			}
		}
		bench("training/direct", direct(weights))
		for _, tile := range []int{2, 4} {
			s.Tile = tile
			f := simd.WinogradFilter[float32]{Data: w}
			bench(fmt.Sprintf("training/F%d", tile), func() { simd.Winograd(nil, y, x, f, s, simd.Epilogue[float32]{}) })
		}
		f := simd.WinogradFilter[float32]{Data: w, Turned: true}
		bench("training/F4-backward", func() { simd.Winograd(nil, y, x, f, s, simd.Epilogue[float32]{Accumulate: true}) })
		bench("inference/direct", direct(simd.Prepack(weights, k, k, 9)))
		for _, tile := range []int{2, 4} {
			s.Tile = tile
			f := simd.PrepackWinograd(simd.WinogradFilter[float32]{Data: w}, s)
			bench(fmt.Sprintf("inference/F%d", tile), func() {
				simd.Winograd(nil, y, x, f, s, simd.Epilogue[float32]{Bias: w[:k], ReLU: true})
			})
		}
	}
}

// directRows is the table of a 3×3 convolution with padding 1.
func directRows(s simd.WinogradShape) simd.RowTable {
	t := simd.RowTable{Taps: 9}
	for n := range s.N {
		for p := range s.H {
			for q := range s.W {
				for tap := range 9 {
					i, j, off := p+tap/3-1, q+tap%3-1, int32(-1)
					if i >= 0 && i < s.H && j >= 0 && j < s.W {
						off = int32(((n*s.H+i)*s.W + j) * s.Cin)
					}
					t.Off = append(t.Off, off)
				}
			}
		}
	}
	return t
}

func fill(n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(i*7919%1000)*2e-3 - 1
	}
	return x
}

// BenchmarkWinogradWeights times the gradients of filters in turn with the direct
// sum, in segments of 4096 positions, on the same layers. GFLOP/s are those of the
// direct sum.
func BenchmarkWinogradWeights(b *testing.B) {
	for _, threads := range []int{1, 2} {
		p := pool.New(threads)
		for _, c := range []struct{ n, size, channels int }{
			{8, 56, 64}, {8, 28, 128}, {8, 14, 256}, {8, 7, 512},
			{32, 32, 64}, {32, 16, 128}, {32, 8, 256}, {32, 4, 512},
			{64, 32, 64}, {64, 4, 512}, {32, 32, 16}, {32, 16, 32},
		} {
			s := simd.WinogradShape{N: c.n, H: c.size, W: c.size, Cin: c.channels, Cout: c.channels, Pad: 1}
			x, dy := fill(c.n*c.size*c.size*c.channels), fill(c.n*c.size*c.size*c.channels)
			d := directWeights{s: s, pool: p, dw: make([]float32, 9*s.Cin*s.Cout), x: x, dy: dy}
			d.images = (4096 + c.size*c.size - 1) / (c.size * c.size)
			d.rows = directRows(s)
			d.sums = make([]float32, min((c.n+d.images-1)/d.images, 8)*len(d.dw))
			flop := 2 * 9 * float64(len(x)) * float64(c.channels)
			bench := func(name string, call func()) {
				b.Run(fmt.Sprintf("%d/%d×%d²×%d/%s", threads, c.n, c.size, c.channels, name), func(b *testing.B) {
					for b.Loop() {
						call()
					}
					b.ReportMetric(flop*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
				})
			}
			bench("direct", d.run)
			for _, tile := range []int{2, 4} {
				s.Tile = tile
				bench(fmt.Sprintf("F%d", tile), func() { simd.WinogradWeights(p, d.dw, x, dy, s, true) })
			}
		}
		p.Close()
	}
}

// directWeights is the direct sum as autograd.Conv2D takes it.
type directWeights struct {
	s         simd.WinogradShape
	pool      *pool.Pool
	images    int // of a segment
	first     int // segment of the group
	rows      simd.RowTable
	dw, x, dy []float32
	sums      []float32
}

func (d *directWeights) run() {
	const group = 8
	segments := (d.s.N + d.images - 1) / d.images
	for d.first = 0; d.first < segments; d.first += group {
		n := min(group, segments-d.first)
		d.pool.Run(d, n)
		for i := range n {
			simd.Add(d.dw, d.dw, d.sums[i*len(d.dw):(i+1)*len(d.dw)])
		}
	}
}

func (d *directWeights) Chunk(i int) {
	s := &d.s
	positions := s.H * s.W
	image := (d.first + i) * d.images
	n := min(d.images, s.N-image)
	rows := simd.RowTable{Off: d.rows.Off[:n*positions*9], Taps: 9}
	dy := simd.Operand[float32]{Data: d.dy[image*positions*s.Cout:], Stride: s.Cout}
	simd.GatherGemmT(d.pool, d.sums[i*len(d.dw):(i+1)*len(d.dw)], s.Cout, d.x[image*positions*s.Cin:], rows, dy, s.Cin, s.Cout, n*positions,
		simd.Epilogue[float32]{})
}
