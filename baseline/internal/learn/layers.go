package learn

import "anomem/autograd"

// Double repeats each element of a map [N H W C] twice along both axes, as [N 2H 2W C]:
// PyTorch's interpolate of factor 2 by the nearest element. With a convolution of stride 1
// after it, it is what the published decoders are made of.
func Double[T autograd.Float](g *autograd.Graph[T], x *autograd.Tensor[T]) *autograd.Tensor[T] {
	n, h, w, c := x.Dim(0), x.Dim(1), x.Dim(2), x.Dim(3)
	y := g.BroadcastTo(g.Reshape(x, n, h, 1, w, 1, c), n, h, 2, w, 2, c)
	return g.Reshape(y, n, 2*h, 2*w, c)
}

// SquaredError returns Σ (x-y)² of each row of x and y [N ...], as [N].
func SquaredError[T autograd.Float](g *autograd.Graph[T], x, y *autograd.Tensor[T]) *autograd.Tensor[T] {
	n := x.Dim(0)
	return g.Sum(g.Reshape(g.Square(g.Sub(x, y)), n, x.Len()/n), false, 1)
}
