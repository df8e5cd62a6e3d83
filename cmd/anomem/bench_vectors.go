package main

import "anomem/simd"

// vectorBenchmarks measures the kernels on vectors of n numbers.
func vectorBenchmarks(size string, n int) []benchmark {
	var table []benchmark
	row := func(name string, moved int, setup func() func()) {
		table = append(table, kernelBenchmark(name+"/"+size, moved*n, setup))
	}

	// dst[i] = f(a[i], b[i])
	for _, k := range []struct {
		name string
		f    func(dst, a, b []float32)
	}{
		{"add", simd.Add[float32]},
		{"sub", simd.Sub[float32]},
		{"mul", simd.Mul[float32]},
		{"div", simd.Div[float32]},
		{"larger", simd.Larger[float32]},
	} {
		row(k.name, 3, func() func() {
			dst, a, b := numbers(n), numbers(n), numbers(n)
			return func() { k.f(dst, a, b) }
		})
	}

	// dst[i] = f(a[i], s)
	for _, k := range []struct {
		name string
		f    func(dst, a []float32, s float32)
	}{
		{"addscalar", simd.AddScalar[float32]},
		{"scale", simd.Scale[float32]},
		{"maxscalar", simd.MaxScalar[float32]},
		{"minscalar", simd.MinScalar[float32]},
	} {
		row(k.name, 2, func() func() {
			dst, a := numbers(n), numbers(n)
			return func() { k.f(dst, a, 1) }
		})
	}

	// dst[i] = f(a[i])
	for _, k := range []struct {
		name string
		f    func(dst, a []float32)
	}{
		{"sqrt", simd.Sqrt[float32]},
		{"abs", simd.Abs[float32]},
		{"exp", simd.Exp[float32]},
		{"log", simd.Log[float32]},
		{"relu", simd.ReLU[float32]},
		{"copy", func(dst, a []float32) { copy(dst, a) }},
	} {
		row(k.name, 2, func() func() {
			dst, a := numbers(n), numbers(n)
			return func() { k.f(dst, a) }
		})
	}
	row("fill", 1, func() func() {
		dst := numbers(n)
		return func() { simd.Fill(dst, 1) }
	})

	// dst[i] = f(dst[i], ...): dst is read and written.
	row("axpy", 3, func() func() {
		dst, x := numbers(n), numbers(n)
		return func() { simd.Axpy(dst, 1e-9, x) }
	})
	row("muladd", 4, func() func() {
		dst, a, b := numbers(n), numbers(n), numbers(n)
		return func() { simd.MulAdd(dst, a, b) }
	})
	row("relubackward", 4, func() func() {
		dx, dy, x := numbers(n), numbers(n), numbers(n)
		return func() { simd.ReLUBackward(dx, dy, x) }
	})
	row("keeppositive", 3, func() func() {
		dst, src, y := numbers(n), numbers(n), numbers(n)
		return func() { simd.KeepPositive(dst, src, y) }
	})
	row("sgd", 5, func() func() { // reads w, g, v and writes w, v
		w, g, v := numbers(n), numbers(n), numbers(n)
		return func() { simd.SGDNesterov(w, g, v, 1e-9, 0.9, 1e-4) }
	})

	// Reductions only read.
	for _, k := range []struct {
		name string
		f    func(x []float32) float32
	}{
		{"sum", simd.Sum[float32]},
		{"sumsq", simd.SumSq[float32]},
		{"max", simd.Max[float32]},
	} {
		row(k.name, 1, func() func() {
			x := numbers(n)
			return func() { k.f(x) }
		})
	}
	row("dot", 2, func() func() {
		x, y := numbers(n), numbers(n)
		return func() { simd.Dot(x, y) }
	})
	return table
}
