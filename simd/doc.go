// Package simd holds the kernels that everything else is built on: element-wise
// arithmetic, reductions, softmax and norms by row, sums down columns, matrix
// products, 3×3 convolutions and their filters' gradients by Winograd's algorithm,
// the step of the optimiser, and copies.
//
// Everything is generic over float32 and float64. float32 runs on the level in
// use, which is chosen at start for the CPU at hand (see [Level], [Use], and the
// environment variable named by [Env]); float64 runs on plain loops, and exists so
// that gradients can be checked.
//
// # Rules of arithmetic
//
// The Go function is the specification: add's is addGo, exp's is expGo, and so on.
// Every level gives the same bits, or both give a NaN, for every length, offset and
// number of threads. The rules of the specification are:
//
//   - A fused multiply-add is [FMA32], rounded once. Any other sum of a product is
//     written float32(a*b) + c: the compiler fuses a*b + c on some architectures.
//   - The larger of a and b is a > b ? a : b, and the smaller likewise. If either is
//     NaN, or both are zeros, it is b, so that a NaN in the second place stays. Every
//     function says which operand is which.
//   - A sum along a slice has 16 lanes, combined by a fixed tree; see reduce.go.
//   - A sum down columns takes 128 rows at a time in float32, and adds these in
//     float64; see columns.go.
//   - Nothing is estimated: division and square root are correctly rounded, and
//     [Exp32] and [Log32] are polynomials of our own, the same steps everywhere.
//   - Subnormal numbers are kept; no mode of the CPU is changed.
//
// # Adding a kernel
//
// Write its specification beside a public function that checks lengths, and add a
// field to the kernels table in dispatch.go. Each level then needs it: describe it
// once in gen/kernels for amd64 and once in gen/neon for arm64, or name the
// specification in the level's table if assembly would not be faster. Then add its
// check to check/kernels; a test fails for a field without one.
//
// The comment of an assembly function's declaration is its specification. Go checks
// every length before assembly sees it.
package simd

// The directives are here, and not beside the files that they write, so that
// go generate runs them all on any architecture.
//
//go:generate go run -C gen ./gemm -out ../gemm_amd64.s -stubs ../stubs_gemm_amd64.go -pkg simd
//go:generate go run -C gen ./kernels -dir ..
//go:generate go run -C gen/neon .
