package loss

import (
	"fmt"

	"anomem/autograd"
)

// HingeDistance is eq. 11 for each of the anomaly distances d [B] with the labels normal
// (y = 1):
//
//	l(d, y) = y·max(d - 1/M, 0) + (1 - y)·max(M - d, 0)
//
// margin is M > 0. The loss is 0 for a normal sample with d <= 1/M and for an anomalous
// one with d >= M. The result is [B]. HingeDistance panics on another shape, on another
// number of labels, and unless M > 0.
func HingeDistance[T autograd.Float](g *autograd.Graph[T], d *autograd.Tensor[T], normal []bool, margin float64) *autograd.Tensor[T] {
	if d.Rank() != 1 || d.Dim(0) != len(normal) {
		panic(fmt.Sprintf("loss: HingeDistance: %d labels for distances %v", len(normal), d.Shape()))
	}
	if !(margin > 0) {
		panic(fmt.Sprintf("loss: HingeDistance: margin %g: want > 0", margin))
	}
	far := g.MaxConst(g.AddConst(d, T(-1/margin)), 0)
	near := g.MaxConst(g.AddConst(g.Neg(d), T(margin)), 0)
	return g.Where(normal, far, near)
}

// Supervised is eq. 12, the mean of HingeDistance over scales and batch. distances holds
// [B] for each scale. The result is a scalar. Supervised panics where HingeDistance does,
// without scales, and without labels.
func Supervised[T autograd.Float](g *autograd.Graph[T], distances []*autograd.Tensor[T], normal []bool, margin float64) *autograd.Tensor[T] {
	if len(distances) == 0 || len(normal) == 0 {
		panic(fmt.Sprintf("loss: Supervised: %d scales, %d labels", len(distances), len(normal)))
	}
	var total *autograd.Tensor[T]
	for _, d := range distances {
		total = plus(g, total, g.Sum(HingeDistance(g, d, normal, margin), false))
	}
	return g.Scale(total, T(1/float64(len(distances)*len(normal))))
}

// plus returns a + b, or b if a is nil.
func plus[T autograd.Float](g *autograd.Graph[T], a, b *autograd.Tensor[T]) *autograd.Tensor[T] {
	if a == nil {
		return b
	}
	return g.Add(a, b)
}
