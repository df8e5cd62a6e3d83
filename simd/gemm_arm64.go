//go:build arm64 && !purego

package simd

var neonGemm = gemmKernel{
	mr: 6, nr: 16,
	run:       gemmNEON,
	transpose: transposeNEON,
	peak:      peakNEON, peakFlops: 24 * 4 * 2,
}
