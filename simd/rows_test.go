package simd_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"anomem/simd"
)

func inf(sign int) float64 { return math.Inf(sign) }

// near reports whether got is want, or within rel of it relative to want or 1.
func near(got, want, rel float64) bool {
	return got == want || got != got && want != want || math.Abs(got-want) <= rel*max(1, math.Abs(want))
}

// TestRows holds the functions by row, in both precisions, against their
// definitions, on ordinary rows, on rows that overflow unless they are shifted, and
// on infinities.
func TestRows(t *testing.T) {
	const cols = 37
	r := rand.New(rand.NewPCG(1, 2))
	for _, row := range []struct {
		name  string
		value func(c int) float64
	}{
		{"ordinary", func(int) float64 { return r.NormFloat64() }},
		{"large", func(int) float64 { return 1000 + 20*r.NormFloat64() }},
		{"far below", func(int) float64 { return -1e6 + r.NormFloat64() }},
		{"one far above", func(c int) float64 { return float64(c/36) * 500 }},
		{"some -Inf", func(c int) float64 { return []float64{inf(-1), 1, 2}[c%3] }},
		{"all -Inf", func(int) float64 { return inf(-1) }},
		{"one Inf", func(c int) float64 { return []float64{0, inf(1)}[c/36] }},
		{"one NaN", func(c int) float64 { return []float64{0, math.NaN()}[c/36] }},
	} {
		x32, x64 := make([]float32, 2*cols), make([]float64, 2*cols)
		for i := range x32 {
			x32[i] = float32(row.value(i % cols))
			x64[i] = float64(x32[i])
		}
		t.Run(row.name, func(t *testing.T) {
			rowsAgainstDefinitions(t, x32, cols, 2e-6)
			rowsAgainstDefinitions(t, x64, cols, 1e-14)
		})
	}
}

func rowsAgainstDefinitions[T simd.Float](t *testing.T, x []T, cols int, rel float64) {
	rows := len(x) / cols
	lse, norm := make([]T, rows), make([]T, rows)
	soft, logSoft := make([]T, len(x)), make([]T, len(x))
	simd.LogSumExp(lse, x, rows, cols)
	simd.L2Norm(norm, x, rows, cols)
	simd.Softmax(soft, x, rows, cols)
	simd.LogSoftmax(logSoft, x, rows, cols)
	for r := range rows {
		row := x[r*cols : (r+1)*cols]
		m := inf(-1)
		for _, v := range row {
			m = max(m, float64(v)) // NaN if there is one
		}
		var sum, squares float64
		for _, v := range row {
			sum += math.Exp(float64(v) - m)
			squares += float64(v) * float64(v)
		}
		want := m + math.Log(sum)
		if math.IsInf(m, 0) {
			want = m
		}
		if !near(float64(lse[r]), want, rel) {
			t.Errorf("%T: LogSumExp of row %d is %v, want %v", x, r, lse[r], want)
		}
		if want := math.Sqrt(squares); !near(float64(norm[r]), want, rel) {
			t.Errorf("%T: L2Norm of row %d is %v, want %v", x, r, norm[r], want)
		}
		for c, v := range row {
			if want := math.Exp(float64(v)-m) / sum; !near(float64(soft[r*cols+c]), want, rel) {
				t.Errorf("%T: Softmax at %d, %d is %v, want %v", x, r, c, soft[r*cols+c], want)
			}
			if want := float64(v) - m - math.Log(sum); !near(float64(logSoft[r*cols+c]), want, rel) {
				t.Errorf("%T: LogSoftmax at %d, %d is %v, want %v", x, r, c, logSoft[r*cols+c], want)
			}
		}
	}
}

// A row without columns has no largest element and no sum.
func TestRowsWithoutColumns(t *testing.T) {
	dst := []float32{1, 1}
	simd.LogSumExp(dst, nil, 2, 0)
	if dst[0] != float32(inf(-1)) || dst[1] != dst[0] {
		t.Errorf("LogSumExp: %v", dst)
	}
	simd.L2Norm(dst, nil, 2, 0)
	if dst[0] != 0 || dst[1] != 0 {
		t.Errorf("L2Norm: %v", dst)
	}
}

// TestColumnsAreAccurate holds the variance that the sums give, over the rows of a
// large batch with a mean far from zero, to the figure that columns.go states.
func TestColumnsAreAccurate(t *testing.T) {
	const rows, cols = 100_000, 3
	r := rand.New(rand.NewPCG(3, 4))
	x, wide := make([]float32, rows*cols), make([]float64, rows*cols)
	for i := range x {
		x[i] = float32(1 + r.NormFloat64())
		wide[i] = float64(x[i])
	}
	variances := func(sum, sumsq []float64) (v [cols]float64) {
		for c := range v {
			mean := sum[c] / rows
			v[c] = sumsq[c]/rows - mean*mean
		}
		return v
	}
	sum, sumsq := make([]float64, cols), make([]float64, cols)
	simd.ColumnMoments(sum, sumsq, x, rows, cols)
	got := variances(sum, sumsq)
	clear(sum)
	clear(sumsq)
	simd.ColumnMoments(sum, sumsq, wide, rows, cols)
	want := variances(sum, sumsq)
	for c := range want {
		if !near(got[c], want[c], 4e-7) {
			t.Errorf("column %d: variance %v, in float64 %v", c, got[c], want[c])
		}
	}
	dots, sums := make([]float64, cols), make([]float64, cols)
	simd.ColumnDots(dots, wide, wide, rows, cols)
	simd.ColumnSums(sums, wide, rows, cols)
	for c := range want {
		if dots[c] != sumsq[c] || sums[c] != sum[c] {
			t.Errorf("column %d in float64: ColumnDots %v, ColumnMoments %v; ColumnSums %v, %v", c, dots[c], sumsq[c], sums[c], sum[c])
		}
	}
}

// TestSplitRows adds chunks of rows apart and in order, as threads would, and
// wants the same bits.
func TestSplitRows(t *testing.T) {
	const rows, cols = 5*simd.ColumnChunk + 17, 19
	r := rand.New(rand.NewPCG(5, 6))
	x := make([]float32, rows*cols)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	whole, parts := make([]float64, cols), make([]float64, cols)
	simd.ColumnSums(whole, x, rows, cols)
	for r := 0; r < rows; r += simd.ColumnChunk {
		n := min(simd.ColumnChunk, rows-r)
		part := make([]float64, cols)
		simd.ColumnSums(part, x[r*cols:(r+n)*cols], n, cols)
		for c, v := range part {
			parts[c] += v
		}
	}
	for c := range whole {
		if whole[c] != parts[c] {
			t.Errorf("column %d: %v at once, %v by chunks", c, whole[c], parts[c])
		}
	}
}
