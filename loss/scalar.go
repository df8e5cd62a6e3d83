package loss

import (
	"math"

	"anomem/autograd"
	"anomem/simd"
)

// Functions of single numbers. In float32 they are simd's or built on these, with the
// same bits on every architecture; in float64 they are Go's.

func exp[T autograd.Float](x T) T {
	if v, ok := any(x).(float32); ok {
		return T(simd.Exp32(v))
	}
	return T(math.Exp(float64(x)))
}

func log[T autograd.Float](x T) T {
	if v, ok := any(x).(float32); ok {
		return T(simd.Log32(v))
	}
	return T(math.Log(float64(x)))
}

// log1p returns ln(1 + x) for x >= 0. In float32 it is ln u · x/(u-1) with u the rounded
// 1 + x: u-1 is exact, and the factor corrects the rounding of u (Goldberg 1991, theorem
// 4).
func log1p[T autograd.Float](x T) T {
	if v, ok := any(x).(float32); ok {
		u := 1 + v
		if u == 1 || u > math.MaxFloat32 {
			return x
		}
		return T(simd.Log32(u) * (v / (u - 1)))
	}
	return T(math.Log1p(float64(x)))
}
