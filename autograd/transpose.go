package autograd

import (
	"fmt"
	"slices"

	"anomem/simd"
)

// Transpose returns x with its axes in another order: axis i of the result is axis
// perm[i] of x. Without perm the order is reversed.
//
//	y[i₀ i₁ ...] = x[j], j_{perm[k]} = i_k      dx = dy, transposed back
func (g *Graph[T]) Transpose(x *Tensor[T], perm ...int) *Tensor[T] {
	p := makePermutation(x.shape, perm)
	op := NewOp[transposeOp[T]](g)
	op.x, op.y, op.perm = x, g.NewLike(p.apply(x.shape)), p
	g.permute(op.y.data, x.data, x.shape, p)
	g.Record(op.y, op, x)
	return op.y
}

type transposeOp[T Float] struct {
	x, y *Tensor[T]
	perm permutation
}

func (op *transposeOp[T]) Backward(g *Graph[T]) {
	dx := op.x.AccGrad(g)
	m := g.mark()
	tmp := g.floats.take(len(dx))
	g.permute(tmp, op.y.grad, op.y.shape, op.perm.inverse(op.y.shape.rank))
	simd.Add(dx, dx, tmp)
	g.release(m)
}

// permutation gives, for each axis of a result, the axis of the input.
type permutation [MaxRank]int

func makePermutation(s Shape, perm []int) permutation {
	var p permutation
	if len(perm) == 0 {
		for i := range s.rank {
			p[i] = s.rank - 1 - i
		}
		return p
	}
	var seen axisSet
	if len(perm) == s.rank {
		for i, a := range perm {
			p[i] = s.axis("Transpose", a)
			seen |= 1 << p[i]
		}
	}
	if len(perm) != s.rank || seen != leadingAxes(s.rank) {
		panic(fmt.Sprintf("autograd: Transpose: axes %v are not those of shape %v", slices.Clone(perm), s))
	}
	return p
}

func (p permutation) apply(s Shape) Shape {
	out := Shape{rank: s.rank}
	for i := range s.rank {
		out.dims[i] = s.dims[p[i]]
	}
	return out
}

func (p permutation) inverse(rank int) permutation {
	var q permutation
	for i := range rank {
		q[p[i]] = i
	}
	return q
}

// grouped drops axes of size 1 and merges those that stay neighbours.
func (p permutation) grouped(s Shape) (Shape, permutation) {
	for i := s.rank - 1; i >= 0; i-- {
		if s.dims[i] == 1 {
			s, p = s.without(i), p.without(i, s.rank)
		}
	}
	for k := s.rank - 1; k > 0; k-- {
		if i := p[k]; i == p[k-1]+1 {
			s.dims[i-1] *= s.dims[i]
			s, p = s.without(i), p.without(i, s.rank)
		}
	}
	return s, p
}

// without takes axis i of the source out of a permutation of rank axes.
func (p permutation) without(i, rank int) permutation {
	var q permutation
	n := 0
	for _, a := range p[:rank] {
		if a == i {
			continue
		}
		if a > i {
			a--
		}
		q[n] = a
		n++
	}
	return q
}

// permute stores in dst the elements of src, of shape s, with permuted axes.
func (g *Graph[T]) permute(dst, src []T, s Shape, p permutation) {
	if len(src) == 0 {
		return
	}
	s, p = p.grouped(s)
	op := NewOp[permuteTask[T]](g)
	*op = permuteTask[T]{dst: dst, src: src, from: s, to: p.apply(s), perm: p}
	switch r := s.rank; {
	case r < 2: // nothing moves
		copy(dst, src)
	case p[r-1] == r-1, r > 3, r == 3 && p != permutation{0, 2, 1}:
		g.forward(op, op.to.span(0, r-1), op.to.dims[r-1])
	default: // a matrix, or several
		rows, cols := s.dims[r-2], s.dims[r-1]
		for i := 0; i < len(src); i += rows * cols {
			simd.Transpose(dst[i:i+rows*cols], src[i:i+rows*cols], rows, cols)
		}
	}
}

type permuteTask[T Float] struct {
	dst, src []T
	from, to Shape
	perm     permutation
}

// forward fills runs lo, ..., hi-1 of the last axis of the result.
func (op *permuteTask[T]) forward(lo, hi int) {
	last := op.to.rank - 1
	n := op.to.dims[last]
	var stride [MaxRank]int // in src, of each axis of the result
	for i := range op.to.rank {
		stride[i] = op.from.span(op.perm[i]+1, op.from.rank)
	}
	for i := lo; i < hi; i++ {
		at, j := 0, i
		for a := last - 1; a >= 0; a-- {
			at += j % op.to.dims[a] * stride[a]
			j /= op.to.dims[a]
		}
		run := op.dst[i*n : (i+1)*n]
		if stride[last] == 1 {
			copy(run, op.src[at:at+n])
			continue
		}
		for k := range run {
			run[k] = op.src[at]
			at += stride[last]
		}
	}
}

func (op *permuteTask[T]) backward(int, int, []T) {}
