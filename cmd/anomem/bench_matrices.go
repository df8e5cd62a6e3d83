package main

import (
	"fmt"

	"anomem/simd"
)

// matrixBenchmarks measures the kernels that work by rows and columns, on shapes
// that a batch of feature maps has.
func matrixBenchmarks() []benchmark {
	var table []benchmark

	// A softmax over the memory's patterns: a row a query.
	const queries, patterns = 1024, 512
	row := func(name string, moved int, setup func() func()) {
		table = append(table, kernelBenchmark(fmt.Sprintf("%s/%dx%d", name, queries, patterns), moved, setup))
	}
	for _, k := range []struct {
		name string
		f    func(dst, x []float32, rows, cols int)
	}{
		{"softmax", simd.Softmax[float32]},
		{"logsoftmax", simd.LogSoftmax[float32]},
	} {
		row(k.name, 2*queries*patterns, func() func() {
			dst, x := numbers(queries*patterns), numbers(queries*patterns)
			return func() { k.f(dst, x, queries, patterns) }
		})
	}
	for _, k := range []struct {
		name string
		f    func(dst, x []float32, rows, cols int)
	}{
		{"logsumexp", simd.LogSumExp[float32]},
		{"l2norm", simd.L2Norm[float32]},
	} {
		row(k.name, queries*patterns+queries, func() func() {
			dst, x := numbers(queries), numbers(queries*patterns)
			return func() { k.f(dst, x, queries, patterns) }
		})
	}

	// A batch norm over 8 maps of 28×28 positions and 256 channels.
	const positions, channels = 8 * 28 * 28, 256
	column := func(name string, moved int, setup func() func()) {
		table = append(table, kernelBenchmark(fmt.Sprintf("%s/%dx%d", name, positions, channels), moved, setup))
	}
	const size = positions * channels
	column("addrow", 2*size+channels, func() func() {
		dst, a, r := numbers(size), numbers(size), numbers(channels)
		return func() { simd.AddRow(dst, a, r, positions, channels) }
	})
	column("scaleshiftrow", 2*size+2*channels, func() func() {
		dst, a, scale, shift := numbers(size), numbers(size), numbers(channels), numbers(channels)
		return func() { simd.ScaleShiftRow(dst, a, scale, shift, positions, channels) }
	})
	column("columnsums", size, func() func() {
		sum, x := make([]float64, channels), numbers(size)
		return func() { simd.ColumnSums(sum, x, positions, channels) }
	})
	column("columnmoments", size, func() func() {
		sum, sumsq, x := make([]float64, channels), make([]float64, channels), numbers(size)
		return func() { simd.ColumnMoments(sum, sumsq, x, positions, channels) }
	})
	column("columndots", 2*size, func() func() {
		dot, x, y := make([]float64, channels), numbers(size), numbers(size)
		return func() { simd.ColumnDots(dot, x, y, positions, channels) }
	})
	column("transpose", 2*size, func() func() {
		dst, src := numbers(size), numbers(size)
		return func() { simd.Transpose(dst, src, positions, channels) }
	})
	column("copyrows", 2*size, func() func() {
		const ldd = channels + 16
		dst, src := numbers(positions*ldd), numbers(size)
		return func() { simd.CopyRows(dst, ldd, src, channels, positions, channels) }
	})
	table = append(table, padBenchmark())
	return append(table, normBenchmarks()...)
}

// padBenchmark surrounds 8 maps of 28×28 positions and 256 channels with zeros.
func padBenchmark() benchmark {
	const n, h, w, c = 8, 28, 28, 256
	const out = n * (h + 2) * (w + 2) * c
	return kernelBenchmark("padnhwc/8x28x28x256", n*h*w*c+out, func() func() {
		dst, src := numbers(out), numbers(n*h*w*c)
		return func() { simd.PadNHWC(dst, src, n, h, w, c, 1, 1, 1, 1) }
	})
}

// normBenchmarks measures the passes of a batch norm, on maps that lie in the second
// level of the cache and in memory, with few and with many channels.
func normBenchmarks() []benchmark {
	var table []benchmark
	for _, s := range []struct{ rows, cols int }{
		{1024, 16}, {256, 64}, {32 * 32 * 32, 64}, {8 * 14 * 14, 1024}, {8 * 7 * 7, 2048}, {64 * 56 * 56, 64},
	} {
		size := s.rows * s.cols
		row := func(name string, moved int, setup func() func()) {
			table = append(table, kernelBenchmark(fmt.Sprintf("%s/%dx%d", name, s.rows, s.cols), moved*size, setup))
		}
		row("normalizerows", 2, func() func() {
			y, x, c := numbers(size), numbers(size), numbers(s.cols)
			return func() { simd.NormalizeRows(y, x, nil, c, c, s.rows, s.cols, true) }
		})
		row("normalizerows-residual", 3, func() func() {
			y, x, residual, c := numbers(size), numbers(size), numbers(size), numbers(s.cols)
			return func() { simd.NormalizeRows(y, x, residual, c, c, s.rows, s.cols, true) }
		})
		row("normgradsums", 2, func() func() {
			sum, dot, dy, x := make([]float64, s.cols), make([]float64, s.cols), numbers(size), numbers(size)
			return func() { simd.NormGradSums(sum, dot, dy, x, nil, s.rows, s.cols) }
		})
		row("normgradsums-relu", 4, func() func() { // reads dy, x, y and writes dy
			sum, dot, dy, x, y := make([]float64, s.cols), make([]float64, s.cols), numbers(size), numbers(size), numbers(size)
			return func() { simd.NormGradSums(sum, dot, dy, x, y, s.rows, s.cols) }
		})
		row("normgrad", 3, func() func() {
			dx, dy, x, c := numbers(size), numbers(size), numbers(size), numbers(s.cols)
			return func() { simd.NormGrad(dx, dy, x, c, c, c, s.rows, s.cols) }
		})
	}
	return table
}
