// Package simd holds the kernels on which everything else stands.
package simd

//go:generate go run -C gen ./kernels -dir ..
