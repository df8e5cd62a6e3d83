package simd

import "fmt"

// Copies move bits and do no arithmetic, so that they need no kernel: the
// builtin copy is as fast as memory.

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
	const block = 16 // a line of the cache
	for r0 := 0; r0 < rows; r0 += block {
		r1 := min(r0+block, rows)
		for c0 := 0; c0 < cols; c0 += block {
			for c := c0; c < min(c0+block, cols); c++ {
				d := dst[c*rows+r0 : c*rows+r1]
				s := src[r0*cols+c:]
				for i := range d {
					d[i] = s[i*cols]
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
