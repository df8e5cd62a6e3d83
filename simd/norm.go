package simd

import "math"

// The passes of a batch norm over rows*cols elements, row after row, a channel a
// column. They are bound by memory, so each does as much as possible with a row while
// it is in the cache. They panic unless every operand has the size that follows; a
// slice that is written may be exactly one that is read.

// NormalizeRows sets y[r,c] = fma(x[r,c], scale[c], shift[c]), then adds residual[r,c]
// unless residual is nil, and then, if relu is set, replaces negative values by 0: a
// NaN stays, and so does -0. scale and shift have cols elements.
func NormalizeRows[T Float](y, x, residual, scale, shift []T, rows, cols int, relu bool) {
	const op = "NormalizeRows"
	wantLen(op, "x", len(x), area(op, rows, cols))
	wantLen(op, "scale", len(scale), cols)
	wantLen(op, "shift", len(shift), cols)
	sameLen2(op, y, x)
	if residual != nil {
		wantLen(op, "residual", len(residual), len(x))
	}
	floor := math.Inf(-1) // no value is below it
	if relu {
		floor = 0
	}
	if is32[T]() {
		y, x, residual, scale, shift := as32(y), as32(x), as32(residual), as32(scale), as32(shift)
		for r, n := 0, rowsAtOnce(cols); r < rows; r += n {
			n := min(n, rows-r)
			from, to := r*cols, (r+n)*cols
			if residual == nil {
				active.normalize(y[from:to], x[from:to], scale, shift, n, cols, float32(floor))
			} else {
				active.normalizeAdd(y[from:to], x[from:to], residual[from:to], scale, shift, n, cols, float32(floor))
			}
		}
		return
	}
	for r := range rows {
		for c := range cols {
			i := r*cols + c
			v := T(x[i]*scale[c]) + shift[c]
			if residual != nil {
				v += residual[i]
			}
			if T(floor) > v {
				v = T(floor)
			}
			y[i] = v
		}
	}
}

func normalizeGo(y, x, scale, shift []float32, rows, cols int, floor float32) {
	for r := range rows {
		out, row := y[r*cols:(r+1)*cols], x[r*cols:(r+1)*cols]
		for c, v := range row {
			v = FMA32(v, scale[c], shift[c])
			if floor > v {
				v = floor
			}
			out[c] = v
		}
	}
}

func normalizeAddGo(y, x, residual, scale, shift []float32, rows, cols int, floor float32) {
	for r := range rows {
		out, row, res := y[r*cols:(r+1)*cols], x[r*cols:(r+1)*cols], residual[r*cols:(r+1)*cols]
		for c, v := range row {
			v = FMA32(v, scale[c], shift[c]) + res[c]
			if floor > v {
				v = floor
			}
			out[c] = v
		}
	}
}

// NormGradSums computes the sums that the gradient of a batch norm needs. Unless y is
// nil it first passes the gradient back through the ReLU that made y, in place:
// dy[r,c] = y[r,c] > 0 ? dy[r,c] : +0. Then it adds Σ_r dy[r,c] to sum[c], and
// Σ_r dy[r,c]·x[r,c], by fma, to dot[c], with the bits of ColumnSums and ColumnDots.
// sum and dot have cols elements.
func NormGradSums[T Float](sum, dot []float64, dy, x, y []T, rows, cols int) {
	const op = "NormGradSums"
	wantLen(op, "dy", len(dy), area(op, rows, cols))
	wantLen(op, "sum", len(sum), cols)
	wantLen(op, "dot", len(dot), cols)
	sameLen2(op, dy, x)
	if y != nil {
		wantLen(op, "y", len(y), len(dy))
	}
	if is32[T]() {
		dy, x, y := as32(dy), as32(x), as32(y)
		for r := 0; r < rows; r += ColumnChunk {
			n := min(ColumnChunk, rows-r)
			from, to := r*cols, (r+n)*cols
			if y == nil {
				active.normGradSums(sum, dot, dy[from:to], x[from:to], n, cols)
			} else {
				active.normGradSumsReLU(sum, dot, dy[from:to], x[from:to], y[from:to], n, cols)
			}
		}
		return
	}
	if y != nil {
		KeepPositive(dy, dy, y)
	}
	ColumnSums(sum, dy, rows, cols)
	ColumnDots(dot, dy, x, rows, cols)
}

func normGradSumsGo(sum, dot []float64, dy, x []float32, rows, cols int) {
	columnSumsGo(sum, dy, rows, cols)
	columnDotsGo(dot, dy, x, rows, cols)
}

func normGradSumsReLUGo(sum, dot []float64, dy, x, y []float32, rows, cols int) {
	keepPositiveGo(dy, dy, y)
	normGradSumsGo(sum, dot, dy, x, rows, cols)
}

// NormGrad sets dx[r,c] = fma(gain[c], dy[r,c], fma(scale[c], x[r,c], shift[c])).
// gain, scale and shift have cols elements.
func NormGrad[T Float](dx, dy, x, gain, scale, shift []T, rows, cols int) {
	const op = "NormGrad"
	wantLen(op, "x", len(x), area(op, rows, cols))
	wantLen(op, "gain", len(gain), cols)
	wantLen(op, "scale", len(scale), cols)
	wantLen(op, "shift", len(shift), cols)
	sameLen3(op, dx, dy, x)
	if is32[T]() {
		dx, dy, x, gain, scale, shift := as32(dx), as32(dy), as32(x), as32(gain), as32(scale), as32(shift)
		for r, n := 0, rowsAtOnce(cols); r < rows; r += n {
			n := min(n, rows-r)
			from, to := r*cols, (r+n)*cols
			active.normGrad(dx[from:to], dy[from:to], x[from:to], gain, scale, shift, n, cols)
		}
		return
	}
	for r := range rows {
		for c := range cols {
			i := r*cols + c
			dx[i] = T(gain[c]*dy[i]) + (T(scale[c]*x[i]) + shift[c])
		}
	}
}

func normGradGo(dx, dy, x, gain, scale, shift []float32, rows, cols int) {
	for r := range rows {
		out, grad, row := dx[r*cols:(r+1)*cols], dy[r*cols:(r+1)*cols], x[r*cols:(r+1)*cols]
		for c, v := range row {
			v = FMA32(scale[c], v, shift[c])
			out[c] = FMA32(gain[c], grad[c], v)
		}
	}
}

// rowsAtOnce returns the number of rows in one call of a kernel, at most span elements.
func rowsAtOnce(cols int) int { return max(1, span/max(1, cols)) }
