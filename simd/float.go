package simd

import "unsafe"

// Float is the type of a tensor's elements. float32 runs on the kernels of the level in
// use; float64 runs on plain loops and exists so that gradients can be checked.
type Float interface{ float32 | float64 }

// is32 reports whether T is float32. It is a constant in each instance.
func is32[T Float]() bool {
	var t T
	return unsafe.Sizeof(t) == 4
}

// as32 returns x as []float32, or nil if its elements are float64.
func as32[T Float](x []T) []float32 {
	if !is32[T]() {
		return nil
	}
	return unsafe.Slice((*float32)(unsafe.Pointer(unsafe.SliceData(x))), len(x))
}
