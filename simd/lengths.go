package simd

import "fmt"

// The public functions check lengths here, before a kernel or a loop sees a slice.

func sameLen2[T Float](op string, a, b []T) {
	if len(a) != len(b) {
		panic(fmt.Sprintf("simd: %s: lengths %d, %d differ", op, len(a), len(b)))
	}
}

func sameLen3[T Float](op string, a, b, c []T) {
	if len(a) != len(b) || len(a) != len(c) {
		panic(fmt.Sprintf("simd: %s: lengths %d, %d, %d differ", op, len(a), len(b), len(c)))
	}
}

// wantLen panics unless the operand called name has n elements.
func wantLen(op, name string, got, n int) {
	if got != n {
		panic(fmt.Sprintf("simd: %s: %s has %d elements, want %d", op, name, got, n))
	}
}

// area returns rows*cols. It panics if a side is negative or the product overflows.
func area(op string, rows, cols int) int {
	if rows < 0 || cols < 0 || cols > 0 && rows > maxInt/cols {
		panic(fmt.Sprintf("simd: %s: size %d x %d", op, rows, cols))
	}
	return rows * cols
}

const maxInt = int(^uint(0) >> 1)
