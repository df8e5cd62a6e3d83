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
	return table
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
