package simd

import "unsafe"

func ceilDiv(a, b int) int { return (a + b - 1) / b }

func roundUp(a, b int) int { return ceilDiv(a, b) * b }

// alignedSlice is a slice of n elements that starts at a cache line, x's own memory
// where it suffices. What it holds is undefined.
func alignedSlice(x []float32, n int) []float32 {
	const line = 64
	if cap(x) < n {
		x = make([]float32, n+line/4)
		skip := int(-uintptr(unsafe.Pointer(&x[0]))%line) / 4
		x = x[skip:]
	}
	return x[:n]
}
