// Package kernels checks every kernel of every level that this CPU can run
// against its specification in Go, bit for bit. Tests and the verify command run
// the same checks.
//
// The checks go through the public functions of package simd, once with
// simd.Use("purego") and once with the level. While one runs, no other goroutine
// may use package simd.
package kernels
