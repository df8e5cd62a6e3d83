package simd

import "math"

// Sqrt sets dst[i] to the square root of a[i], correctly rounded.
func Sqrt[T Float](dst, a []T) {
	sameLen2("Sqrt", dst, a)
	if is32[T]() {
		unary32(active.sqrt, as32(dst), as32(a))
		return
	}
	for i, v := range a {
		dst[i] = T(math.Sqrt(float64(v)))
	}
}

// A float64 has more than twice the digits of a float32, so that rounding the
// root twice is harmless.
func sqrtGo(dst, a []float32) {
	for i, v := range a {
		dst[i] = float32(math.Sqrt(float64(v)))
	}
}

// Abs sets dst[i] = a[i] with its sign bit cleared.
func Abs[T Float](dst, a []T) {
	sameLen2("Abs", dst, a)
	if is32[T]() {
		unary32(active.abs, as32(dst), as32(a))
		return
	}
	for i, v := range a {
		dst[i] = T(math.Abs(float64(v)))
	}
}

func absGo(dst, a []float32) {
	for i, v := range a {
		dst[i] = math.Float32frombits(math.Float32bits(v) &^ (1 << 31))
	}
}

// Exp sets dst[i] = e^a[i]; in float32 it is Exp32.
func Exp[T Float](dst, a []T) {
	sameLen2("Exp", dst, a)
	if is32[T]() {
		unary32(active.exp, as32(dst), as32(a))
		return
	}
	for i, v := range a {
		dst[i] = T(math.Exp(float64(v)))
	}
}

func expGo(dst, a []float32) {
	for i, v := range a {
		dst[i] = Exp32(v)
	}
}

// Log sets dst[i] to the natural logarithm of a[i]; in float32 it is Log32.
func Log[T Float](dst, a []T) {
	sameLen2("Log", dst, a)
	if is32[T]() {
		unary32(active.log, as32(dst), as32(a))
		return
	}
	for i, v := range a {
		dst[i] = T(math.Log(float64(v)))
	}
}

func logGo(dst, a []float32) {
	for i, v := range a {
		dst[i] = Log32(v)
	}
}
