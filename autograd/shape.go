package autograd

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// MaxRank is the most dimensions a tensor can have.
const MaxRank = 6

// Shape is the list of a tensor's dimensions, outermost first. It is a value:
// shapes compare with ==, and none of its methods allocates but String and Dims. The
// zero Shape is that of a scalar.
type Shape struct {
	dims [MaxRank]int // zero from rank on, so that == compares shapes
	rank int
}

// MakeShape returns the shape with the given dimensions. It panics if there are
// more than MaxRank, if one is negative, or if their product overflows.
func MakeShape(dims ...int) Shape {
	if len(dims) > MaxRank {
		// The clone keeps dims, which every operation passes, from escaping.
		panic(fmt.Sprintf("autograd: shape %v has more than %d dimensions", slices.Clone(dims), MaxRank))
	}
	s := Shape{rank: len(dims)}
	copy(s.dims[:], dims)
	for _, d := range dims {
		if d < 0 {
			panic(fmt.Sprintf("autograd: shape %v has a negative dimension", s))
		}
	}
	if _, ok := product(s.dims[:s.rank]); !ok {
		panic(fmt.Sprintf("autograd: shape %v is too large", s))
	}
	return s
}

// product multiplies dimensions that are not negative; ok is false if an intermediate
// product overflows.
func product(dims []int) (size int, ok bool) {
	size = 1
	for _, d := range dims {
		if d > 0 && size > math.MaxInt/d {
			return 0, false
		}
		size *= d
	}
	return size, true
}

// Rank returns the number of dimensions.
func (s Shape) Rank() int { return s.rank }

// Dim returns dimension i; -1 is the last one.
func (s Shape) Dim(i int) int {
	j := i
	if j < 0 {
		j += s.rank
	}
	if j < 0 || j >= s.rank {
		panic(fmt.Sprintf("autograd: shape %v has no dimension %d", s, i))
	}
	return s.dims[j]
}

// Dims returns the dimensions, as a new slice.
func (s Shape) Dims() []int { return append([]int(nil), s.dims[:s.rank]...) }

// Size returns the number of elements, the product of the dimensions: 1 for a scalar.
func (s Shape) Size() int { return s.span(0, s.rank) }

// span returns the product of dimensions from, ..., to-1.
func (s Shape) span(from, to int) int {
	n := 1
	for _, d := range s.dims[from:to] {
		n *= d
	}
	return n
}

// check32 panics in the name of op unless the product of dimensions from, ..., to-1
// fits an int32.
func (s Shape) check32(op string, from, to int) {
	if n, ok := product(s.dims[from:to]); !ok || n > math.MaxInt32 {
		panic(fmt.Sprintf("autograd: %s: shape %v: dimensions %d to %d count more than 32-bit indices do", op, s, from, to-1))
	}
}

// with returns s with dimension i changed to d.
func (s Shape) with(i, d int) Shape {
	s.dims[i] = d
	return s
}

// without returns s with dimension i taken out.
func (s Shape) without(i int) Shape {
	copy(s.dims[i:], s.dims[i+1:])
	s.rank--
	s.dims[s.rank] = 0
	return s
}

// axis returns the index of dimension i, counted from the end if negative. It panics
// in the name of op if there is none.
func (s Shape) axis(op string, i int) int {
	j := i
	if j < 0 {
		j += s.rank
	}
	if j < 0 || j >= s.rank {
		panic(fmt.Sprintf("autograd: %s: shape %v has no axis %d", op, s, i))
	}
	return j
}

// String returns the dimensions as "[2 3 4]".
func (s Shape) String() string {
	var b strings.Builder
	b.WriteByte('[')
	for i, d := range s.dims[:s.rank] {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(strconv.Itoa(d))
	}
	b.WriteByte(']')
	return b.String()
}
