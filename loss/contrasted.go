package loss

import (
	"fmt"

	"anomem/autograd"
	"anomem/hopfield"
)

// Pair is a loss of two views of a batch.
type Pair int

const (
	PairNTXent      Pair = iota // SimCLR: eqs. 2 and 5
	PairBarlowTwins             // BarlowTwins, with Contrast.Barlow
	PairVICReg                  // VICReg, with Contrast.VICReg
)

// Contrast is how the two views are held against each other.
type Contrast struct {
	Pair   Pair
	Tau    float64 // temperature of NT-Xent, > 0
	Barlow BarlowConfig
	VICReg VICRegConfig
}

// DefaultContrast is NT-Xent with τ = 0.1; the others, where chosen, have their
// papers' weights.
func DefaultContrast() Contrast {
	return Contrast{Tau: 0.1, Barlow: DefaultBarlow(), VICReg: DefaultVICReg()}
}

// Contrasted is eq. 4: the pair loss of Mem(z, y) (eq. 3) and zp. z and zp [B C] are
// the two views, normal the B labels. Only the first view passes through the
// memory. The result is a scalar. Contrasted panics where the memory or the pair loss
// does, on another number of labels, and on an unknown pair loss.
func Contrasted[T autograd.Float](g *autograd.Graph[T], z, zp *autograd.Tensor[T], normal []bool, memory hopfield.Retriever[T], c Contrast) *autograd.Tensor[T] {
	return contrast(g, hopfield.Replace(g, z, normal, memory), zp, c)
}

// contrast is the pair loss of two views [B C].
func contrast[T autograd.Float](g *autograd.Graph[T], z, zp *autograd.Tensor[T], c Contrast) *autograd.Tensor[T] {
	switch c.Pair {
	case PairNTXent:
		return SimCLR(g, z, zp, c.Tau)
	case PairBarlowTwins:
		return BarlowTwins(g, z, zp, c.Barlow)
	case PairVICReg:
		return VICReg(g, z, zp, c.VICReg)
	}
	panic(fmt.Sprintf("loss: unknown pair loss %d", int(c.Pair)))
}
