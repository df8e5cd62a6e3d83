package autograd

import (
	"fmt"

	"anomem/simd"
)

// Where returns a where mask is set and b elsewhere, both of one shape. mask holds
// a value for each element, or for each index of the first axis, the first two,
// and so on: it must be as long as the product of some of the leading dimensions.
//
//	y = a, da += dy where mask      y = b, db += dy where not
func (g *Graph[T]) Where(mask []bool, a, b *Tensor[T]) *Tensor[T] {
	if a.shape != b.shape {
		panic(fmt.Sprintf("autograd: Where: shapes %v and %v differ", a.shape, b.shape))
	}
	op := NewOp[whereOp[T]](g)
	lead := a.shape.rank
	for ; a.shape.span(0, lead) != len(mask); lead-- {
		if lead == 0 {
			panic(fmt.Sprintf("autograd: Where: mask of %d for shape %v", len(mask), a.shape))
		}
	}
	op.a, op.b, op.y = a, b, g.NewLike(a.shape)
	op.size = a.shape.span(lead, a.shape.rank)
	op.mask = g.bools.take(len(mask))
	copy(op.mask, mask)
	for lo, hi := 0, 0; lo < len(op.mask); lo = hi {
		hi = op.runEnd(lo)
		from, to := lo*op.size, hi*op.size
		copy(op.y.data[from:to], op.chosen(lo).data[from:to])
	}
	g.Record(op.y, op, a, b)
	return op.y
}

type whereOp[T Float] struct {
	a, b, y *Tensor[T]
	mask    []bool
	size    int // elements for each value of mask
}

func (op *whereOp[T]) Backward(g *Graph[T]) {
	for lo, hi := 0, 0; lo < len(op.mask); lo = hi {
		hi = op.runEnd(lo)
		from, to := lo*op.size, hi*op.size
		if d := op.chosen(lo).AccGrad(g); d != nil {
			simd.Add(d[from:to], d[from:to], op.y.grad[from:to])
		}
	}
}

func (op *whereOp[T]) chosen(i int) *Tensor[T] {
	if op.mask[i] {
		return op.a
	}
	return op.b
}

// runEnd returns the end of the run of equal values that begins at i.
func (op *whereOp[T]) runEnd(i int) int {
	j := i + 1
	for j < len(op.mask) && op.mask[j] == op.mask[i] {
		j++
	}
	return j
}
