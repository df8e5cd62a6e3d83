package simd

import "math"

// The constants of Log32, besides ln2Hi and ln2Lo.
const (
	minNormal  = 0x1p-126
	sqrtHalf   = 0x3f3504f3 // the bits of √½
	subnormalE = 23         // subnormals are multiplied by 2^subnormalE first

	// ln(1+f) = f - f²/2 + f³(logC3 + logC4·f + ... + logC10·f⁷), minimax on
	// √½ <= 1+f < √2 with a relative error below 5.9e-9.
	logC3  = 0.333333313
	logC4  = -0.250008196
	logC5  = 0.200012267
	logC6  = -0.166233569
	logC7  = 0.142017588
	logC8  = -0.131601825
	logC9  = 0.12761575
	logC10 = -0.0763449371
)

// Log32 returns the natural logarithm of x, within 1 ulp of the exact value:
// -Inf at 0 and -0, NaN below 0.
//
//	x = 2^e·(1+f) with √½ <= 1+f < √2
//	ln x = e·ln 2 + ln(1+f)
func Log32(x float32) float32 {
	v, e := x, float32(0)
	if v < minNormal {
		v, e = v*(1<<subnormalE), -subnormalE
	}
	b := int32(math.Float32bits(v)) - sqrtHalf
	e += float32(b >> 23)
	f := math.Float32frombits(uint32(b&(1<<23-1)+sqrtHalf)) - 1
	z := float32(f * f)
	p := FMA32(logC10, f, logC9)
	p = FMA32(p, f, logC8)
	p = FMA32(p, f, logC7)
	p = FMA32(p, f, logC6)
	p = FMA32(p, f, logC5)
	p = FMA32(p, f, logC4)
	p = FMA32(p, f, logC3)
	y := float32(float32(p*f) * z)
	y = FMA32(e, ln2Lo, y)
	y = FMA32(z, -0.5, y)
	y = FMA32(e, ln2Hi, float32(f+y))
	// The three selections, in this order.
	if x == 0 {
		y = float32(math.Inf(-1))
	}
	if x < 0 {
		y = float32(math.NaN())
	}
	if !(x < float32(math.Inf(1))) {
		y = x // +Inf and NaN
	}
	return y
}
