//go:build arm64 && !purego

package simd

var archLevels []level
