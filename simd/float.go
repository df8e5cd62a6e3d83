// Package simd holds the kernels on which everything else stands.
package simd

// Float is what tensors are made of. float32 runs on the kernels of the level in
// use; float64 runs on plain loops and exists so that gradients can be checked.
type Float interface{ float32 | float64 }
