package simd

import "unsafe"

func ceilDiv(a, b int) int { return (a + b - 1) / b }

func roundUp(a, b int) int { return ceilDiv(a, b) * b }

// alignedSlice returns a slice of n elements that starts at a cache line, in x's own
// memory if that suffices. The contents are undefined.
func alignedSlice(x []float32, n int) []float32 {
	const line = 64
	if cap(x) < n {
		x = make([]float32, n+line/4)
		skip := int(-uintptr(unsafe.Pointer(&x[0]))%line) / 4
		x = x[skip:]
	}
	return x[:n]
}
