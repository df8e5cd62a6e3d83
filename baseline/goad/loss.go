package goad

import (
	"anomem/autograd"
	"anomem/baseline/internal/learn"
)

// classes is M, the number of moves.
const classes = 36

// squares returns |z_i - c_k|² for z [N M C], the features of all moves of N images, and the
// centres c [M C], as [N M M].
func squares[T autograd.Float](g *autograd.Graph[T], z, c *autograd.Tensor[T]) *autograd.Tensor[T] {
	n, m, channels := z.Dim(0), z.Dim(1), z.Dim(2)
	return g.Sum(g.Square(g.Sub(g.Reshape(z, n, m, 1, channels), c)), false, 3)
}

// triplets is the centre-triplet loss of eq. 6, the mean over the images and moves of
//
//	max(0, |z_im - c_m|² + s - min_{k≠m} |z_im - c_k|²)
//
// for the features z [N M C] of all moves of N images. c_m is the mean of z_im over the images;
// gradients pass through it, too.
func triplets[T autograd.Float](g *autograd.Graph[T], z *autograd.Tensor[T], margin float64) *autograd.Tensor[T] {
	n, m := z.Dim(0), z.Dim(1)
	d := squares(g, z, g.Mean(z, false, 0))
	own, far := make([]int32, n*m), autograd.New[T](m, m)
	for i := range own {
		own[i] = int32(i*m + i%m)
	}
	for k := range m {
		far.Data()[k*(m+1)] = unreachable
	}
	near := g.GatherRows(g.Reshape(d, n*m*m), own)
	nearest := g.Neg(g.Max(g.Neg(g.Add(d, far)), false, 2))
	return g.Mean(g.MaxConst(g.AddConst(g.Sub(near, g.Reshape(nearest, n*m)), T(margin)), 0), false)
}

// unreachable is added to a feature's distance from its own centre, which is none of the
// others.
const unreachable = 1e6

// loss is the cross-entropy of the classifier's logits [N·M M] and, weighted, the triplets of
// the features z [N·M C] of all moves of N images.
func loss[T autograd.Float](g *autograd.Graph[T], z, logits *autograd.Tensor[T], n int, margin, weight float64) *autograd.Tensor[T] {
	m := z.Dim(0) / n
	class := make([]int, n*m)
	for i := range class {
		class[i] = i % m
	}
	t := triplets(g, g.Reshape(z, n, m, z.Dim(1)), margin)
	return g.Add(learn.CrossEntropy(g, logits, class), g.Scale(t, T(weight)))
}

// surprise is the score of eq. 5 of an image whose moves have the features z [M C], divided by
// M:
//
//	-1/M Σ_m ln P(m | m(x)),   P(k | m(x)) = exp(-|z_m - c_k|²) / Σ_j exp(-|z_m - c_j|²)
func surprise(g *learn.Graph, z, centres *learn.Tensor) float64 {
	m := z.Dim(0)
	p := g.LogSoftmax(g.Neg(squares(g, g.Reshape(z, 1, m, z.Dim(1)), centres)), 2).Data()
	sum := 0.
	for k := range m {
		sum -= float64(p[k*m+k])
	}
	return sum / float64(m)
}
