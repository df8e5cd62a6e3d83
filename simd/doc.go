// Package simd holds the kernels on which everything else stands.
package simd
