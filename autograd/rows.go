package autograd

import "math/bits"

// asRows returns x with the axes of set moved to the end, in their order, as a matrix
// with a row for each index of the other axes. If they are at the end already, y is x.
// order says how the axes moved.
func (g *Graph[T]) asRows(x *Tensor[T], set axisSet) (y *Tensor[T], rows, cols int, order permutation) {
	rank := x.shape.rank
	kept := rank - bits.OnesCount8(uint8(set))
	n, m := 0, kept
	for i := range rank {
		if set.has(i) {
			order[m] = i
			m++
		} else {
			order[n] = i
			n++
		}
	}
	if set&leadingAxes(kept) != 0 {
		x = g.Transpose(x, order[:rank]...)
	}
	return x, x.shape.span(0, kept), x.shape.span(kept, rank), order
}

// fromRows undoes the move of asRows.
func (g *Graph[T]) fromRows(y *Tensor[T], order permutation) *Tensor[T] {
	rank := y.shape.rank
	for i, a := range order[:rank] {
		if i != a {
			back := order.inverse(rank)
			return g.Transpose(y, back[:rank]...)
		}
	}
	return y
}
