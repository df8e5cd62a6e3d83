package autograd

import (
	"fmt"
	"slices"
)

// axisSet is a set of axes of a shape, a bit each.
type axisSet uint8

func (s axisSet) has(i int) bool { return s>>i&1 == 1 }

// leadingAxes returns the set of axes 0, ..., n-1.
func leadingAxes(n int) axisSet { return 1<<n - 1 }

// axisSetOf returns the set of the given axes of s, negative ones counted from the
// end, or all axes if none is given. It panics in the name of op if an axis does not
// exist or is given twice.
func axisSetOf(op string, s Shape, axes []int) axisSet {
	if len(axes) == 0 {
		return leadingAxes(s.rank)
	}
	var set axisSet
	for _, a := range axes {
		i := s.axis(op, a)
		if set.has(i) {
			panic(fmt.Sprintf("autograd: %s: axes %v of shape %v: %d is given twice", op, slices.Clone(axes), s, a))
		}
		set |= 1 << i
	}
	return set
}

// reduced returns s without the axes of set, or with 1 in their place if keep is set.
func (s Shape) reduced(set axisSet, keep bool) Shape {
	for i := s.rank - 1; i >= 0; i-- {
		if set.has(i) {
			if keep {
				s.dims[i] = 1
			} else {
				s = s.without(i)
			}
		}
	}
	return s
}

// grouped merges neighbouring axes that are both in set, or both not, and drops
// those of size 1. It returns the merged shape and which of its axes are in set. An
// empty tensor gives one axis of size 0.
func (s Shape) grouped(set axisSet) (Shape, axisSet) {
	var out Shape
	var in axisSet
	for i, d := range s.dims[:s.rank] {
		if d == 1 {
			continue
		}
		last := out.rank - 1
		if last >= 0 && in.has(last) == set.has(i) {
			out.dims[last] *= d
			continue
		}
		if set.has(i) {
			in |= 1 << out.rank
		}
		out.dims[out.rank] = d
		out.rank++
	}
	return out, in
}

// someAxes is axisSetOf for operations that need an axis: it panics if none is given.
func someAxes(op string, s Shape, axes []int) axisSet {
	if len(axes) == 0 {
		panic(fmt.Sprintf("autograd: %s: no axes of shape %v given", op, s))
	}
	return axisSetOf(op, s, axes)
}
