package loss

import (
	"fmt"

	"anomem/autograd"
)

// BarlowConfig holds the weights of BarlowTwins.
type BarlowConfig struct {
	OffDiagonal float64 // weight of the squared correlations of different channels
	Eps         float64 // added to variances
}

// DefaultBarlow returns Zbontar et al.'s weight, 5e-3.
func DefaultBarlow() BarlowConfig { return BarlowConfig{OffDiagonal: 5e-3, Eps: 1e-5} }

// BarlowTwins is Zbontar et al. 2021, eq. 1, for the views z and zp [B C]. It compares the
// matrix R of the correlations between the channels of the two views, standardised over
// the batch with the biased variance, with the identity:
//
//	Σ_c (1 - R_cc)² + OffDiagonal·Σ_{c≠d} R_cd²
//
// The result is a scalar. BarlowTwins panics on other shapes and without rows.
func BarlowTwins[T autograd.Float](g *autograd.Graph[T], z, zp *autograd.Tensor[T], c BarlowConfig) *autograd.Tensor[T] {
	checkViews("BarlowTwins", z, zp)
	batch, channels := z.Dim(0), z.Dim(1)
	corr := g.Scale(g.MatMul(standardised(g, z, c.Eps), standardised(g, zp, c.Eps), true, false), T(1/float64(batch)))
	off := g.Sub(corr, diagonal(g, channels, 0, 1))
	return g.Sum(g.Mul(g.Square(off), diagonal(g, channels, T(c.OffDiagonal), 1)), false)
}

// standardised returns x [B C] with zero mean and unit variance in each column.
func standardised[T autograd.Float](g *autograd.Graph[T], x *autograd.Tensor[T], eps float64) *autograd.Tensor[T] {
	centred := g.Sub(x, g.Mean(x, true, 0))
	variance := g.Mean(g.Square(centred), true, 0)
	return g.Div(centred, g.Sqrt(g.AddConst(variance, T(eps))))
}

// diagonal returns the n×n matrix with on in its diagonal and off elsewhere.
func diagonal[T autograd.Float](g *autograd.Graph[T], n int, off, on T) *autograd.Tensor[T] {
	m := g.NewTensor(n, n)
	d := m.Data()
	for i := range d {
		d[i] = off
	}
	for i := range n {
		d[i*n+i] = on
	}
	return m
}

// checkViews panics unless z and zp are two views [B C] of at least one row.
func checkViews[T autograd.Float](name string, z, zp *autograd.Tensor[T]) {
	if z.Rank() != 2 || z.Shape() != zp.Shape() || z.Dim(0) == 0 {
		panic(fmt.Sprintf("loss: %s: shapes %v and %v: want two of [B C]", name, z.Shape(), zp.Shape()))
	}
}
