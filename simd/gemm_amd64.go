//go:build amd64 && !purego

package simd

import "unsafe"

var avx2Gemm = gemmKernel{
	mr: 6, nr: 16,
	run:       func(g *gemmArgs) { gemmAVX2((*uintptr)(unsafe.Pointer(g))) },
	columns:   func(g *gemmArgs) { gemmColumnsAVX2((*uintptr)(unsafe.Pointer(g))) },
	pack:      packAVX2,
	transpose: transposeAVX2,
	peak:      peakAVX2, peakFlops: 12 * 8 * 2,
}

var avx512Gemm = gemmKernel{
	mr: 8, nr: 32, depth: 1024, alwaysMasked: true,
	run:       func(g *gemmArgs) { gemmAVX512((*uintptr)(unsafe.Pointer(g))) },
	columns:   func(g *gemmArgs) { gemmColumnsAVX512((*uintptr)(unsafe.Pointer(g))) },
	pack:      packAVX512,
	transpose: transposeAVX512,
	peak:      peakAVX512, peakFlops: 12 * 16 * 2,
	narrow: &avx512Narrow,
}

// avx512Narrow is for products of so few columns that half of avx512Gemm's would be none.
var avx512Narrow = gemmKernel{
	mr: 8, nr: 16, alwaysMasked: true,
	run:       func(g *gemmArgs) { gemmNarrowAVX512((*uintptr)(unsafe.Pointer(g))) },
	columns:   func(g *gemmArgs) { gemmColumnsNarrowAVX512((*uintptr)(unsafe.Pointer(g))) },
	transpose: transposeAVX512,
}
