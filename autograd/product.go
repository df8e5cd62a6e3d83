package autograd

import "anomem/simd/pool"

// Until simd has a product, MatMul runs on this one.

type factor[T Float] struct {
	Data   []T
	Stride int
	Trans  bool
}

func (f factor[T]) at(i, j int) T {
	if f.Trans {
		i, j = j, i
	}
	return f.Data[i*f.Stride+j]
}

type epilogue[T Float] struct{ Accumulate bool }

func gemm[T Float](_ *pool.Pool, c []T, ldc int, a, b factor[T], m, n, k int, ep epilogue[T]) {
	for i := range m {
		for j := range n {
			var sum T
			if ep.Accumulate {
				sum = c[i*ldc+j]
			}
			for l := range k {
				sum += a.at(i, l) * b.at(l, j)
			}
			c[i*ldc+j] = sum
		}
	}
}
