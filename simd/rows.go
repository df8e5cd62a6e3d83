package simd

import "math"

// The functions of this file treat x as rows*cols elements, row after row, and
// panic unless every operand has the size that follows. dst may be exactly x.

// LogSumExp sets dst[r] = ln Σ_c e^x[r,c], shifted by the row's largest element or by
// 0 if that is infinite: a row of -Inf gives -Inf and an Inf gives Inf. dst has rows
// elements; a row without columns gives -Inf.
func LogSumExp[T Float](dst, x []T, rows, cols int) {
	wantLen("LogSumExp", "x", len(x), area("LogSumExp", rows, cols))
	wantLen("LogSumExp", "dst", len(dst), rows)
	for r := range dst {
		row := x[r*cols : (r+1)*cols]
		m := Max(row)
		if math.IsInf(float64(m), 0) {
			m = 0
		}
		dst[r] = m + logOf(ExpSum(row, m))
	}
}

// Softmax sets dst[r,c] = e^(x[r,c]-m) · (1/Σ_c e^(x[r,c]-m)), m the row's largest.
func Softmax[T Float](dst, x []T, rows, cols int) {
	wantLen("Softmax", "x", len(x), area("Softmax", rows, cols))
	sameLen2("Softmax", dst, x)
	for r := range rows {
		out, row := dst[r*cols:(r+1)*cols], x[r*cols:(r+1)*cols]
		s := ExpShiftSum(out, row, Max(row))
		Scale(out, out, 1/s)
	}
}

// LogSoftmax sets dst[r,c] = (x[r,c]-m) - ln Σ_c e^(x[r,c]-m), m the row's largest.
func LogSoftmax[T Float](dst, x []T, rows, cols int) {
	wantLen("LogSoftmax", "x", len(x), area("LogSoftmax", rows, cols))
	sameLen2("LogSoftmax", dst, x)
	for r := range rows {
		out, row := dst[r*cols:(r+1)*cols], x[r*cols:(r+1)*cols]
		m := Max(row)
		s := logOf(ExpSum(row, m))
		AddScalar(out, row, -m)
		AddScalar(out, out, -s)
	}
}

// L2Norm sets dst[r] = √(Σ_c x[r,c]²). dst has rows elements.
func L2Norm[T Float](dst, x []T, rows, cols int) {
	wantLen("L2Norm", "x", len(x), area("L2Norm", rows, cols))
	wantLen("L2Norm", "dst", len(dst), rows)
	for r := range dst {
		dst[r] = T(math.Sqrt(float64(SumSq(x[r*cols : (r+1)*cols]))))
	}
}

// AddRow sets dst[r,c] = a[r,c] + row[c]. row has cols elements.
func AddRow[T Float](dst, a, row []T, rows, cols int) {
	wantLen("AddRow", "a", len(a), area("AddRow", rows, cols))
	wantLen("AddRow", "row", len(row), cols)
	sameLen2("AddRow", dst, a)
	for r := range rows {
		Add(dst[r*cols:(r+1)*cols], a[r*cols:(r+1)*cols], row)
	}
}

// ScaleShiftRow sets dst[r,c] = fma(a[r,c], scale[c], shift[c]). scale and shift
// have cols elements.
func ScaleShiftRow[T Float](dst, a, scale, shift []T, rows, cols int) {
	wantLen("ScaleShiftRow", "a", len(a), area("ScaleShiftRow", rows, cols))
	wantLen("ScaleShiftRow", "scale", len(scale), cols)
	wantLen("ScaleShiftRow", "shift", len(shift), cols)
	sameLen2("ScaleShiftRow", dst, a)
	for r := range rows {
		d, x := dst[r*cols:(r+1)*cols], a[r*cols:(r+1)*cols]
		if is32[T]() {
			active.scaleShift(as32(d), as32(x), as32(scale), as32(shift))
			continue
		}
		for c, v := range x {
			d[c] = T(v*scale[c]) + shift[c]
		}
	}
}

func scaleShiftGo(dst, a, scale, shift []float32) {
	for i, v := range a {
		dst[i] = FMA32(v, scale[i], shift[i])
	}
}

func logOf[T Float](x T) T {
	if is32[T]() {
		return T(Log32(float32(x)))
	}
	return T(math.Log(float64(x)))
}
