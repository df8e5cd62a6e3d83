package optim

import (
	"math"

	"anomem/nn"
	"anomem/simd"
)

// Adam is the method of Kingma and Ba (ICLR 2015), as in PyTorch's torch.optim.Adam: of
// gradient g at step t, counted from 1,
//
//	g ← g + decay·w                of weights; not of norms and biases
//	m ← β₁·m + (1-β₁)·g
//	v ← β₂·v + (1-β₂)·g²
//	w ← w - lr/(1-β₁ᵗ)·m / (√v/√(1-β₂ᵗ) + eps)
//
// In float32 its bits are the same on every architecture: each line is one of simd's kernels
// after another.
type Adam[T nn.Float] struct {
	Beta1, Beta2, Eps, WeightDecay float64

	params       []nn.Entry[T]
	first        [][]T // m
	second       [][]T // v
	left1, left2 float64
	tmp          []T
}

// adamBlock is the number of values that are updated at a time, so that they stay in cache.
const adamBlock = 4096

// NewAdam returns an optimiser for the parameters of m, with β₁ = 0.9, β₂ = 0.999 and
// eps = 1e-8, and moments 0.
func NewAdam[T nn.Float](m nn.Params[T], weightDecay float64) *Adam[T] {
	o := &Adam[T]{
		Beta1: 0.9, Beta2: 0.999, Eps: 1e-8, WeightDecay: weightDecay,
		params: nn.Parameters(m), left1: 1, left2: 1, tmp: make([]T, 2*adamBlock),
	}
	for _, p := range o.params {
		o.first = append(o.first, make([]T, p.Tensor.Len()))
		o.second = append(o.second, make([]T, p.Tensor.Len()))
	}
	return o
}

// Step updates the parameters by their gradients at learning rate lr. It leaves parameters
// without a gradient as they are; the step counts for them, too.
func (o *Adam[T]) Step(lr float64) {
	o.left1 = float64(o.left1 * o.Beta1) // rounded: no fused multiply-add
	o.left2 = float64(o.left2 * o.Beta2)
	rate, root := T(lr/(1-o.left1)), T(1/math.Sqrt(1-o.left2))
	for i, p := range o.params {
		g := p.Tensor.Grad()
		if g == nil {
			continue
		}
		decay := T(0)
		if p.Decay {
			decay = T(o.WeightDecay)
		}
		w := p.Tensor.Data()
		for lo := 0; lo < len(w); lo += adamBlock {
			hi := min(lo+adamBlock, len(w))
			o.update(w[lo:hi], g[lo:hi], o.first[i][lo:hi], o.second[i][lo:hi], rate, root, decay)
		}
	}
}

// update makes a step of one block. root is 1/√(1-β₂ᵗ).
func (o *Adam[T]) update(w, g, m, v []T, rate, root, decay T) {
	n := len(w)
	step, tmp := o.tmp[:n], o.tmp[adamBlock:][:n]
	copy(step, g)
	simd.Axpy(step, decay, w)
	simd.Scale(m, m, T(o.Beta1))
	simd.Axpy(m, T(1-o.Beta1), step)
	simd.Scale(v, v, T(o.Beta2))
	simd.Mul(tmp, step, step)
	simd.Axpy(v, T(1-o.Beta2), tmp)
	simd.Sqrt(tmp, v)
	simd.Scale(tmp, tmp, root)
	simd.AddScalar(tmp, tmp, T(o.Eps))
	simd.Div(step, m, tmp)
	simd.Axpy(w, -rate, step)
}

// ZeroGrad sets all gradients to zero.
func (o *Adam[T]) ZeroGrad() { nn.ZeroGrad(o.params) }
