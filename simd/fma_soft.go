//go:build !arm64

package simd

import "math"

// FMA32 returns x*y + z, rounded once: the fused multiply-add of IEEE 754.
//
// The product of two float32 is exact in float64, so only the sum x*y + z is rounded
// twice, first to float64 and then to float32. (So is float32(math.FMA(...)), with the
// same error.) Where the second rounding can matter, fmaOdd computes the sum.
func FMA32(x, y, z float32) float32 {
	s := float64(x)*float64(y) + float64(z)
	if roundsTwice(s) {
		return fmaOdd(x, y, z)
	}
	return float32(s)
}

// roundsTwice reports whether a float64 sum, already rounded, may round to the
// wrong float32: if it is half-way between two normal float32, or if the result
// is subnormal, where half-way lies elsewhere. Zero is exact.
func roundsTwice(s float64) bool {
	const minNormal = (1023 - 126) << 52 // the bits of 2^-126
	b := math.Float64bits(s)
	return b<<35 == 1<<63 || b<<1-1 < minNormal<<1-1
}

// fmaOdd computes FMA32 for any finite sum. It rounds x*y + z to odd in float64: an
// inexact sum becomes the neighbour whose last bit is 1. The second rounding, to
// float32, then sees on which side of half-way the exact sum lies (Boldo and
// Melquiond, Emulation of FMA and correctly rounded sums, 2008).
func fmaOdd(x, y, z float32) float32 {
	p, c := float64(x)*float64(y), float64(z)
	s := p + c
	// The error of the sum, exactly (Knuth's TwoSum).
	v := s - p
	e := (p - (s - v)) + (c - v)
	b := math.Float64bits(s)
	if e != 0 && b&1 == 0 {
		if (e > 0) == (s > 0) {
			b++
		} else {
			b--
		}
	}
	return float32(math.Float64frombits(b))
}

// fmaRow sets dst[i] = fma(s, x[i], dst[i]), for axpyGo and the product. FMA32, which
// is too large to be inlined, is written out, which halves the time.
func fmaRow(dst []float32, s float32, x []float32) {
	x = x[:len(dst)]
	a := float64(s)
	for i, d := range dst {
		t := a*float64(x[i]) + float64(d)
		if roundsTwice(t) {
			dst[i] = fmaOdd(s, x[i], d)
			continue
		}
		dst[i] = float32(t)
	}
}
