package simd

// Element-wise functions, here and in functions.go and relu.go, work on slices of
// equal length, and panic if the lengths differ. dst may be exactly one of the
// inputs; a partial overlap gives undefined results.

// span is the most elements in one call of a kernel: assembly cannot be preempted, and
// a garbage collection waits for it. 64 Ki elements of three operands take some 50 µs
// from memory.
const span = 1 << 16

// Add sets dst[i] = a[i] + b[i].
func Add[T Float](dst, a, b []T) {
	sameLen3("Add", dst, a, b)
	if is32[T]() {
		binary32(active.add, as32(dst), as32(a), as32(b))
		return
	}
	for i, v := range a {
		dst[i] = v + b[i]
	}
}

func addGo(dst, a, b []float32) {
	for i, v := range a {
		dst[i] = v + b[i]
	}
}

// Sub sets dst[i] = a[i] - b[i].
func Sub[T Float](dst, a, b []T) {
	sameLen3("Sub", dst, a, b)
	if is32[T]() {
		binary32(active.sub, as32(dst), as32(a), as32(b))
		return
	}
	for i, v := range a {
		dst[i] = v - b[i]
	}
}

func subGo(dst, a, b []float32) {
	for i, v := range a {
		dst[i] = v - b[i]
	}
}

// Mul sets dst[i] = a[i] * b[i].
func Mul[T Float](dst, a, b []T) {
	sameLen3("Mul", dst, a, b)
	if is32[T]() {
		binary32(active.mul, as32(dst), as32(a), as32(b))
		return
	}
	for i, v := range a {
		dst[i] = v * b[i]
	}
}

func mulGo(dst, a, b []float32) {
	for i, v := range a {
		dst[i] = v * b[i]
	}
}

// Div sets dst[i] = a[i] / b[i].
func Div[T Float](dst, a, b []T) {
	sameLen3("Div", dst, a, b)
	if is32[T]() {
		binary32(active.div, as32(dst), as32(a), as32(b))
		return
	}
	for i, v := range a {
		dst[i] = v / b[i]
	}
}

func divGo(dst, a, b []float32) {
	for i, v := range a {
		dst[i] = v / b[i]
	}
}

// AddScalar sets dst[i] = a[i] + s.
func AddScalar[T Float](dst, a []T, s T) {
	sameLen2("AddScalar", dst, a)
	if is32[T]() {
		scalar32(active.addScalar, as32(dst), as32(a), float32(s))
		return
	}
	for i, v := range a {
		dst[i] = v + s
	}
}

func addScalarGo(dst, a []float32, s float32) {
	for i, v := range a {
		dst[i] = v + s
	}
}

// Scale sets dst[i] = a[i] * s.
func Scale[T Float](dst, a []T, s T) {
	sameLen2("Scale", dst, a)
	if is32[T]() {
		scalar32(active.scale, as32(dst), as32(a), float32(s))
		return
	}
	for i, v := range a {
		dst[i] = v * s
	}
}

func scaleGo(dst, a []float32, s float32) {
	for i, v := range a {
		dst[i] = v * s
	}
}

// MaxScalar sets dst[i] = s if s > a[i], and a[i] otherwise: a NaN in a stays.
func MaxScalar[T Float](dst, a []T, s T) {
	sameLen2("MaxScalar", dst, a)
	if is32[T]() {
		scalar32(active.maxScalar, as32(dst), as32(a), float32(s))
		return
	}
	for i, v := range a {
		if s > v {
			v = s
		}
		dst[i] = v
	}
}

func maxScalarGo(dst, a []float32, s float32) {
	for i, v := range a {
		if s > v {
			v = s
		}
		dst[i] = v
	}
}

// MinScalar sets dst[i] = s if s < a[i], and a[i] otherwise: a NaN in a stays.
func MinScalar[T Float](dst, a []T, s T) {
	sameLen2("MinScalar", dst, a)
	if is32[T]() {
		scalar32(active.minScalar, as32(dst), as32(a), float32(s))
		return
	}
	for i, v := range a {
		if s < v {
			v = s
		}
		dst[i] = v
	}
}

func minScalarGo(dst, a []float32, s float32) {
	for i, v := range a {
		if s < v {
			v = s
		}
		dst[i] = v
	}
}

// Larger sets dst[i] = a[i] > b[i] ? a[i] : b[i], and a[i] if that is a NaN: a NaN in
// either stays. Of two zeros it is that of b.
func Larger[T Float](dst, a, b []T) {
	sameLen3("Larger", dst, a, b)
	if is32[T]() {
		binary32(active.larger, as32(dst), as32(a), as32(b))
		return
	}
	for i, v := range a {
		u := b[i]
		if v > u || v != v {
			u = v
		}
		dst[i] = u
	}
}

func largerGo(dst, a, b []float32) {
	for i, v := range a {
		u := b[i]
		if v > u || v != v {
			u = v
		}
		dst[i] = u
	}
}

// Axpy sets dst[i] = fma(s, x[i], dst[i]).
func Axpy[T Float](dst []T, s T, x []T) {
	sameLen2("Axpy", dst, x)
	if is32[T]() {
		d, x := as32(dst), as32(x)
		for len(d) > span {
			active.axpy(d[:span], float32(s), x[:span])
			d, x = d[span:], x[span:]
		}
		active.axpy(d, float32(s), x)
		return
	}
	for i, v := range x {
		dst[i] += T(s * v)
	}
}

func axpyGo(dst []float32, s float32, x []float32) { fmaRow(dst, s, x) }

// MulAdd sets dst[i] = fma(a[i], b[i], dst[i]).
func MulAdd[T Float](dst, a, b []T) {
	sameLen3("MulAdd", dst, a, b)
	if is32[T]() {
		binary32(active.mulAdd, as32(dst), as32(a), as32(b))
		return
	}
	for i, v := range a {
		dst[i] += T(v * b[i])
	}
}

func mulAddGo(dst, a, b []float32) {
	for i, v := range a {
		dst[i] = FMA32(v, b[i], dst[i])
	}
}

// Fill sets every element of dst to v.
func Fill[T Float](dst []T, v T) {
	if len(dst) == 0 {
		return
	}
	dst[0] = v
	for n := 1; n < len(dst); n *= 2 { // copies double what is there
		copy(dst[n:], dst[:n])
	}
}

func unary32(f func(dst, a []float32), dst, a []float32) {
	for len(dst) > span {
		f(dst[:span], a[:span])
		dst, a = dst[span:], a[span:]
	}
	f(dst, a)
}

func scalar32(f func(dst, a []float32, s float32), dst, a []float32, s float32) {
	for len(dst) > span {
		f(dst[:span], a[:span], s)
		dst, a = dst[span:], a[span:]
	}
	f(dst, a, s)
}

func binary32(f func(dst, a, b []float32), dst, a, b []float32) {
	for len(dst) > span {
		f(dst[:span], a[:span], b[:span])
		dst, a, b = dst[span:], a[span:], b[span:]
	}
	f(dst, a, b)
}
