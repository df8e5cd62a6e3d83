package autograd

import "anomem/simd"

// Sub returns a - b, broadcast as in BroadcastTo.
//
//	y = a - b      da += dy      db -= dy
func (g *Graph[T]) Sub(a, b *Tensor[T]) *Tensor[T] {
	return binary(g, "Sub", a, b, subFunc[T]{}, noTmp)
}

type subFunc[T Float] struct{}

func (subFunc[T]) value(y, a, b []T) { simd.Sub(y, a, b) }

func (subFunc[T]) gradient(da, db, dy, _, _, _, _ []T) {
	if da != nil {
		simd.Add(da, da, dy)
	}
	if db != nil {
		simd.Sub(db, db, dy)
	}
}
