package autograd

import "anomem/simd"

// Exp returns eˣ.
//
//	y = eˣ      dx += y·dy
func (g *Graph[T]) Exp(x *Tensor[T]) *Tensor[T] { return unary(g, x, expFunc[T]{}, noTmp) }

type expFunc[T Float] struct{}

func (expFunc[T]) value(y, x []T)               { simd.Exp(y, x) }
func (expFunc[T]) gradient(dx, dy, _, y, _ []T) { simd.MulAdd(dx, y, dy) }
