package main

import (
	"fmt"

	"anomem/simd"
	"anomem/simd/pool"
)

const (
	unitFlops = "GFLOP/s"
	unitBytes = "GB/s"
)

// benchmarks returns the table of benchmarks. Their names stay from release to release, so
// that results can be compared. exact is autograd's SetExact for networks in training.
func benchmarks(exact bool) []benchmark {
	table := []benchmark{{name: "peak", unit: unitFlops, parallel: true}}
	for _, n := range []int{256, 512, 1024, 2048} {
		table = append(table, sgemm(fmt.Sprintf("sgemm/%d", n), product{n, n, n}, false))
	}
	for _, s := range resnet50Products() {
		table = append(table, sgemm("sgemm/"+s.String(), s, false))
	}
	for _, s := range resnet50Products() {
		table = append(table, sgemm("prepacked/"+s.String(), s, true))
	}
	for _, s := range []product{{25088, 64, 64}, {25088, 256, 64}, {6272, 512, 128}, {1568, 1024, 256}, {392, 2048, 512}} {
		table = append(table, sgemmMoments(s))
	}
	for _, v := range []struct {
		name string
		n    int
	}{{"2Ki", 2 << 10}, {"16Mi", 16 << 20}} {
		table = append(table, vectorBenchmarks(v.name, v.n)...)
	}
	table = append(table, matrixBenchmarks()...)
	table = append(table, convBenchmarks()...)
	return append(table, networkBenchmarks(exact)...)
}

// product is the shape of C[m,n] = A[m,k]·B[k,n].
type product struct{ m, n, k int }

func (s product) String() string { return fmt.Sprintf("%dx%dx%d", s.m, s.n, s.k) }

// resnet50Products returns the products that ResNet-50's 1×1 convolutions are on
// 1, 2, 4 and 8 images of 224×224 (He et al. 2015, table 1, with the stride in the
// 3×3 convolution as torchvision has it): a row a position, k channels in, n out.
func resnet50Products() []product {
	stages := []struct {
		positions int // of one image
		channels  [][2]int
	}{
		{56 * 56, [][2]int{{64, 64}, {64, 256}, {256, 64}, {256, 128}}},
		{28 * 28, [][2]int{{128, 512}, {256, 512}, {512, 128}, {512, 256}}},
		{14 * 14, [][2]int{{256, 1024}, {512, 1024}, {1024, 256}, {1024, 512}}},
		{7 * 7, [][2]int{{512, 2048}, {1024, 2048}, {2048, 512}}},
	}
	var all []product
	for _, images := range []int{1, 2, 4, 8} {
		for _, s := range stages {
			for _, c := range s.channels {
				all = append(all, product{m: s.positions * images, n: c[1], k: c[0]})
			}
		}
	}
	return all
}

// sgemm multiplies matrices of a shape. If prepacked, B is packed before the clock starts, as
// the weights of a trained network are.
func sgemm(name string, s product, prepacked bool) benchmark {
	return benchmark{
		name:     name,
		unit:     unitFlops,
		work:     2 * float64(s.m) * float64(s.n) * float64(s.k),
		parallel: true,
		setup: func(p *pool.Pool) func() {
			a := simd.Operand[float32]{Data: numbers(s.m * s.k), Stride: s.k}
			b := simd.Operand[float32]{Data: numbers(s.k * s.n), Stride: s.n}
			if prepacked {
				b = simd.Prepack(b, s.n, s.k, 1)
			}
			c := numbers(s.m * s.n)
			return func() { simd.Gemm(p, c, s.n, a, b, s.m, s.n, s.k, simd.Epilogue[float32]{}) }
		},
	}
}

// sgemmMoments multiplies matrices and sums the result's columns and their squares, as a
// convolution before a batch norm does in training. Only the product is counted.
func sgemmMoments(s product) benchmark {
	b := sgemm("sgemm-moments/"+s.String(), s, false)
	b.setup = func(p *pool.Pool) func() {
		a := simd.Operand[float32]{Data: numbers(s.m * s.k), Stride: s.k}
		b := simd.Operand[float32]{Data: numbers(s.k * s.n), Stride: s.n}
		c := numbers(s.m * s.n)
		sums := (s.m + simd.ColumnChunk - 1) / simd.ColumnChunk * s.n
		ep := simd.Epilogue[float32]{Sums: make([]float64, sums), Squares: make([]float64, sums)}
		return func() { simd.Gemm(p, c, s.n, a, b, s.m, s.n, s.k, ep) }
	}
	return b
}

// numbers returns n numbers between 0.5 and 1.5, far from where arithmetic gets
// slow or special.
func numbers(n int) []float32 {
	v := make([]float32, n)
	state := uint32(1)
	for i := range v {
		state = state*1664525 + 1013904223
		v[i] = 0.5 + float32(float32(state>>8)/(1<<24)) // not fused, anywhere
	}
	return v
}

// kernelBenchmark is a row for a kernel that runs on one thread and moves the
// given count of float32 numbers, those read and those written together.
func kernelBenchmark(name string, moved int, setup func() func()) benchmark {
	return benchmark{
		name:  name,
		unit:  unitBytes,
		work:  4 * float64(moved),
		setup: func(*pool.Pool) func() { return setup() },
	}
}
