package sadclr

import (
	"anomem/autograd"
	"anomem/loss"
)

// lengths returns |z_i| of each row of z [N C], as [N].
func lengths[T autograd.Float](g *autograd.Graph[T], z *autograd.Tensor[T]) *autograd.Tensor[T] {
	return g.Sqrt(g.AddConst(g.Sum(g.Square(z), false, 1), tiny))
}

// tiny keeps the length of a row of zeros differentiable.
const tiny = 1e-12

// regularised is the loss of two views [2N C], the first before the second, of N images with the
// labels normal: NT-Xent of their directions and, weighted, the mean of the double hinge (eq. 11
// of the AnoMem paper) of their lengths,
//
//	L = mean l_NTX(z_i, z'_i) + w · mean (y·max(|z| - 1/M, 0) + (1-y)·max(M - |z|, 0))
//
// NT-Xent sees no length, and the hinge no direction.
func regularised[T autograd.Float](g *autograd.Graph[T], z *autograd.Tensor[T], normal []bool, tau, weight, margin float64) *autograd.Tensor[T] {
	n := len(normal)
	both := append(append([]bool(nil), normal...), normal...)
	con := loss.SimCLR(g, g.Slice(z, 0, 0, n), g.Slice(z, 0, n, 2*n), tau)
	far := loss.Supervised(g, []*autograd.Tensor[T]{lengths(g, z)}, both, margin)
	return g.Add(con, g.Scale(far, T(weight)))
}
