//go:build amd64 && !purego

package simd

func transposeAVX2(dst []float32, ldd int, src []float32, lds, rows, cols int) {
	transposeStrips(transposeStripAVX2, dst, ldd, src, lds, rows, cols)
}

func transposeAVX512(dst []float32, ldd int, src []float32, lds, rows, cols int) {
	transposeStrips(transposeStripAVX512, dst, ldd, src, lds, rows, cols)
}

// transposeStrips transposes strips of 8 columns with strip, and the remaining rows and
// columns in Go. It takes panels of rows so few that a line of src is still in the
// cache when the second strip reads it.
func transposeStrips(strip func(dst []float32, ldd int, src []float32, lds, rows int), dst []float32, ldd int, src []float32, lds, rows, cols int) {
	const panel, width = 256, 8
	whole := rows / width * width
	strips := cols / width * width
	for i := 0; i < whole; i += panel {
		n := min(panel, whole-i)
		for j := 0; j < strips; j += width {
			strip(dst[j*ldd+i:], ldd, src[i*lds+j:], lds, n)
		}
	}
	if strips < cols && whole > 0 {
		transposeGo(dst[strips*ldd:], ldd, src[strips:], lds, whole, cols-strips)
	}
	if whole < rows && cols > 0 {
		transposeGo(dst[whole:], ldd, src[whole*lds:], lds, rows-whole, cols)
	}
}
