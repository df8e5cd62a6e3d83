package loss

import (
	"fmt"

	"anomem/autograd"
	"anomem/hopfield"
)

// Contrast configures the pair loss of eq. 4.
type Contrast struct {
	Pair   Pair
	Tau    float64 // temperature of NT-Xent, > 0
	Barlow BarlowConfig
	VICReg VICRegConfig
}

// DefaultContrast returns NT-Xent with τ = 0.1, and the published weights of the other
// losses.
func DefaultContrast() Contrast {
	return Contrast{Tau: 0.1, Barlow: DefaultBarlow(), VICReg: DefaultVICReg()}
}

// Contrasted is eq. 4: the pair loss of Mem(z, y) (eq. 3) and zp, for the views z and zp
// [B C] and the B labels normal. Only the first view passes through the memory. The
// result is a scalar. Contrasted panics where the memory or the pair loss does, on another
// number of labels, and on an unknown pair loss.
func Contrasted[T autograd.Float](g *autograd.Graph[T], z, zp *autograd.Tensor[T], normal []bool, memory hopfield.Retriever[T], c Contrast) *autograd.Tensor[T] {
	mem, _ := hopfield.Recall(g, z, 1, normal, memory)
	return contrast(g, mem, zp, 1, c)
}

// contrast is the mean over p locations of the pair loss of z and zp [p·B C], location
// after location.
func contrast[T autograd.Float](g *autograd.Graph[T], z, zp *autograd.Tensor[T], p int, c Contrast) *autograd.Tensor[T] {
	if p == 1 {
		return pairLoss(g, z, zp, c)
	}
	b, channels := z.Dim(0)/p, z.Dim(1)
	if c.Pair == PairNTXent {
		return SimCLR(g, g.Reshape(z, p, b, channels), g.Reshape(zp, p, b, channels), c.Tau)
	}
	var total *autograd.Tensor[T]
	for i := range p {
		total = plus(g, total, pairLoss(g, g.Slice(z, 0, i*b, (i+1)*b), g.Slice(zp, 0, i*b, (i+1)*b), c))
	}
	return g.Scale(total, T(1/float64(p)))
}

// pairLoss is the loss c.Pair of two views [B C].
func pairLoss[T autograd.Float](g *autograd.Graph[T], z, zp *autograd.Tensor[T], c Contrast) *autograd.Tensor[T] {
	switch c.Pair {
	case PairNTXent:
		return SimCLR(g, z, zp, c.Tau)
	case PairBarlowTwins:
		return BarlowTwins(g, z, zp, c.Barlow)
	case PairVICReg:
		return VICReg(g, z, zp, c.VICReg)
	}
	panic(fmt.Sprintf("loss: unknown pair loss %v", c.Pair))
}
