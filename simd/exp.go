package simd

import "math"

// The constants of Exp32. Every implementation uses these bits and these steps.
const (
	expLo  = -104 // below it e^x rounds to 0: e^-104 < 2^-150
	expHi  = 89   // above it e^x overflows: e^89 > 2^128
	log2E  = 1.44269504
	ln2Hi  = 0.693359375    // 10 bits, so that n*ln2Hi is exact
	ln2Lo  = -2.12194440e-4 // ln 2 - ln2Hi
	roundN = 3 << 22        // adding it rounds to an integer, kept in the low bits

	// e^r = 1 + r + r²(expC2 + expC3·r + ... + expC6·r⁴), minimax on |r| <= ln(2)/2
	// with a relative error below 3.1e-9.
	expC2 = 0.49999994
	expC3 = 0.166665211
	expC4 = 0.041668389
	expC5 = 0.00836871658
	expC6 = 0.00138145988
)

// Exp32 returns e^x, within 1 ulp of the exact value, in steps that vector
// instructions do alike:
//
//	x is clamped, so that n fits; a NaN stays
//	n = x/ln 2 to the nearest integer
//	r = x - n·ln 2, the first product exact
//	e^x = 2^n·e^r, with 2^n in two factors so that neither overflows nor is subnormal
func Exp32(x float32) float32 {
	if expLo > x {
		x = expLo
	}
	if expHi < x {
		x = expHi
	}
	t := FMA32(x, log2E, roundN)
	n := t - roundN
	r := FMA32(n, -ln2Hi, x)
	r = FMA32(n, -ln2Lo, r)
	p := FMA32(expC6, r, expC5)
	p = FMA32(p, r, expC4)
	p = FMA32(p, r, expC3)
	p = FMA32(p, r, expC2)
	p = FMA32(p, r, 1)
	p = FMA32(p, r, 1)
	k := math.Float32bits(t) // n in the low bits; the shifts below drop the others
	half := k >> 1
	p = p * math.Float32frombits((half+127)<<23)
	return p * math.Float32frombits((k-half+127)<<23)
}
