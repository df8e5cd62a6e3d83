//go:build amd64 && !purego

package simd

import "unsafe"

var (
	avx2Winograd2 = winogradKernels{winogradInput2AVX2, winogradFilter2AVX2,
		func(o *winogradOutput) { winogradOutput2AVX2((*uintptr)(unsafe.Pointer(o))) },
		winogradGrad2AVX2, winogradWeights2AVX2}
	avx2Winograd4 = winogradKernels{winogradInput4AVX2, winogradFilter4AVX2,
		func(o *winogradOutput) { winogradOutput4AVX2((*uintptr)(unsafe.Pointer(o))) },
		winogradGrad4AVX2, winogradWeights4AVX2}
	avx512Winograd2 = winogradKernels{winogradInput2AVX512, winogradFilter2AVX512,
		func(o *winogradOutput) { winogradOutput2AVX512((*uintptr)(unsafe.Pointer(o))) },
		winogradGrad2AVX512, winogradWeights2AVX512}
	avx512Winograd4 = winogradKernels{winogradInput4AVX512, winogradFilter4AVX512,
		func(o *winogradOutput) { winogradOutput4AVX512((*uintptr)(unsafe.Pointer(o))) },
		winogradGrad4AVX512, winogradWeights4AVX512}
)
