package simd

// ReLU sets dst[i] = 0 if 0 > x[i], and x[i] otherwise: a NaN stays, and so does -0.
func ReLU[T Float](dst, x []T) {
	sameLen2("ReLU", dst, x)
	if is32[T]() {
		unary32(active.relu, as32(dst), as32(x))
		return
	}
	for i, v := range x {
		if 0 > v {
			v = 0
		}
		dst[i] = v
	}
}

func reluGo(dst, x []float32) {
	for i, v := range x {
		if 0 > v {
			v = 0
		}
		dst[i] = v
	}
}

// ReLUBackward sets dx[i] = dx[i] + g with g = dy[i] if x[i] > 0, and +0 otherwise.
func ReLUBackward[T Float](dx, dy, x []T) {
	sameLen3("ReLUBackward", dx, dy, x)
	if is32[T]() {
		binary32(active.reluBackward, as32(dx), as32(dy), as32(x))
		return
	}
	for i, v := range x {
		var g T
		if v > 0 {
			g = dy[i]
		}
		dx[i] += g
	}
}

func reluBackwardGo(dx, dy, x []float32) {
	for i, v := range x {
		var g float32
		if v > 0 {
			g = dy[i]
		}
		dx[i] += g
	}
}

// KeepPositive sets dst[i] = src[i] if y[i] > 0, and +0 otherwise: it passes the
// gradient src back through the ReLU that made y.
func KeepPositive[T Float](dst, src, y []T) {
	sameLen3("KeepPositive", dst, src, y)
	if is32[T]() {
		binary32(active.keepPositive, as32(dst), as32(src), as32(y))
		return
	}
	for i, v := range y {
		var g T
		if v > 0 {
			g = src[i]
		}
		dst[i] = g
	}
}

func keepPositiveGo(dst, src, y []float32) {
	for i, v := range y {
		var g float32
		if v > 0 {
			g = src[i]
		}
		dst[i] = g
	}
}
