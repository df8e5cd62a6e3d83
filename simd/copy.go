package simd

import "fmt"

// Copies move bits and do no arithmetic. Whole rows need no kernel: the builtin
// copy is as fast as memory.

// CopyRows copies a rows x cols matrix between row strides ldd and lds (in
// elements, at least cols). It panics if a row would leave its slice.
func CopyRows[T Float](dst []T, ldd int, src []T, lds int, rows, cols int) {
	wantRows("CopyRows", "dst", len(dst), ldd, rows, cols)
	wantRows("CopyRows", "src", len(src), lds, rows, cols)
	for r := range rows {
		copy(dst[r*ldd:r*ldd+cols], src[r*lds:r*lds+cols])
	}
}

// wantRows panics unless rows of cols elements, ld apart, lie within n elements.
func wantRows(op, name string, n, ld, rows, cols int) {
	if rows < 0 || cols < 0 || ld < cols || rows > 0 && cols > 0 && (rows > 1 && ld > (n-cols)/(rows-1) || cols > n) {
		panic(fmt.Sprintf("simd: %s: %d rows of %d, %d apart, in %s of %d elements", op, rows, cols, ld, name, n))
	}
}

// Transpose sets dst, cols x rows, to the transpose of src, rows x cols. They may
// not overlap.
func Transpose[T Float](dst, src []T, rows, cols int) {
	wantLen("Transpose", "src", len(src), area("Transpose", rows, cols))
	sameLen2("Transpose", dst, src)
	if is32[T]() {
		active.transpose(as32(dst), rows, as32(src), cols, rows, cols)
		return
	}
	transposeBlocks(dst, rows, src, cols, rows, cols)
}

func transposeGo(dst []float32, ldd int, src []float32, lds, rows, cols int) {
	transposeBlocks(dst, ldd, src, lds, rows, cols)
}

// transposeBlocks sets dst[j*ldd+i] = src[i*lds+j] for i < rows, j < cols, square by
// square, so that it uses whole cache lines.
func transposeBlocks[T Float](dst []T, ldd int, src []T, lds, rows, cols int) {
	const block = 16
	for i0 := 0; i0 < rows; i0 += block {
		n := min(block, rows-i0)
		for j0 := 0; j0 < cols; j0 += block {
			for j := j0; j < min(j0+block, cols); j++ {
				to, from := dst[j*ldd+i0:j*ldd+i0+n], src[i0*lds+j:]
				for i := range to {
					to[i] = from[i*lds]
				}
			}
		}
	}
}

// PadNHWC copies src, [n h w c], into dst, [n top+h+bottom left+w+right c], with
// +0 around each image. They may not overlap.
func PadNHWC[T Float](dst, src []T, n, h, w, c, top, bottom, left, right int) {
	if min(top, bottom, left, right) < 0 {
		panic(fmt.Sprintf("simd: PadNHWC: padding %d, %d, %d, %d", top, bottom, left, right))
	}
	ph, pw := top+h+bottom, left+w+right
	wantLen("PadNHWC", "src", len(src), area("PadNHWC", area("PadNHWC", n, h), area("PadNHWC", w, c)))
	wantLen("PadNHWC", "dst", len(dst), area("PadNHWC", area("PadNHWC", n, ph), area("PadNHWC", pw, c)))
	for i := range n {
		to := dst[i*ph*pw*c : (i+1)*ph*pw*c]
		from := src[i*h*w*c : (i+1)*h*w*c]
		clear(to[:top*pw*c])
		for y := range h {
			row := to[(top+y)*pw*c : (top+y+1)*pw*c]
			clear(row[:left*c])
			copy(row[left*c:], from[y*w*c:(y+1)*w*c])
			clear(row[(left+w)*c:])
		}
		clear(to[(top+h)*pw*c:])
	}
}
