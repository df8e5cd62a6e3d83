package simd_test

import (
	"testing"

	"anomem/simd"
)

// count is 1, 2, ... n, and stale what must be overwritten.
func count(n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(i + 1)
	}
	return x
}

const stale = -1

func filled(n int) []float32 {
	x := make([]float32, n)
	simd.Fill(x, stale)
	return x
}

func TestTranspose(t *testing.T) {
	for _, rows := range []int{0, 1, 2, 7, 8, 9, 16, 17, 33, 64} {
		for _, cols := range []int{0, 1, 2, 7, 8, 9, 16, 17, 33, 64} {
			src, dst := count(rows*cols), filled(rows*cols)
			simd.Transpose(dst, src, rows, cols)
			for r := range rows {
				for c := range cols {
					if dst[c*rows+r] != src[r*cols+c] {
						t.Fatalf("%d x %d: element %d, %d is %v, want %v", rows, cols, r, c, dst[c*rows+r], src[r*cols+c])
					}
				}
			}
		}
	}
}

func TestCopyRows(t *testing.T) {
	const rows, cols, lds, ldd = 3, 4, 6, 5
	src, dst := count((rows-1)*lds+cols), filled((rows-1)*ldd+cols)
	simd.CopyRows(dst, ldd, src, lds, rows, cols)
	for i, v := range dst {
		want := float32(stale)
		if r, c := i/ldd, i%ldd; c < cols {
			want = src[r*lds+c]
		}
		if v != want {
			t.Errorf("element %d is %v, want %v", i, v, want)
		}
	}
	simd.CopyRows(dst[:0], 4, src[:0], 4, 0, 4)
	simd.CopyRows(dst[:0], 0, src[:0], 0, 4, 0)
}

func TestPadNHWC(t *testing.T) {
	const n, h, w, c = 2, 3, 2, 3
	const top, bottom, left, right = 1, 2, 3, 0
	const ph, pw = top + h + bottom, left + w + right
	src, dst := count(n*h*w*c), filled(n*ph*pw*c)
	simd.PadNHWC(dst, src, n, h, w, c, top, bottom, left, right)
	for i, v := range dst {
		img, y, x, ch := i/(ph*pw*c), i/(pw*c)%ph-top, i/c%pw-left, i%c
		want := float32(0)
		if y >= 0 && y < h && x >= 0 && x < w {
			want = src[((img*h+y)*w+x)*c+ch]
		}
		if v != want {
			t.Errorf("image %d, row %d, column %d, channel %d is %v, want %v", img, y, x, ch, v, want)
		}
	}
}
