package anomem

import (
	"fmt"

	"anomem/autograd"
)

// MapNorm is eq. 9, s_a(x) = ‖Δ‖₂: the length of each image's whole deviation map.
// delta is [B H W C] (eq. 8), the result [B]. The gradient of an image whose map is
// zero is zero.
func MapNorm[T autograd.Float](g *autograd.Graph[T], delta *autograd.Tensor[T]) *autograd.Tensor[T] {
	if delta.Rank() != 4 {
		panic(fmt.Sprintf("anomem: MapNorm: shape %v: want [B H W C]", delta.Shape()))
	}
	// ‖Δ‖ = ⟨Δ, Δ/‖Δ‖⟩, and the unit vector's own gradient has no part along Δ.
	flat := g.Reshape(delta, delta.Dim(0), delta.Dim(1)*delta.Dim(2)*delta.Dim(3))
	return g.Sum(g.Mul(flat, g.L2Normalize(flat, shortest)), false, -1)
}

// shortest is the length below which a map counts as zero.
const shortest = 1e-12

// MergeScores is eq. 13, the mean of the scales' scores weighted by the confidence
// in each scale:
//
//	s_a(x) = Σ_s λ_s·s_a,s(x) / Σ_s λ_s
//
// scores holds [B] for each scale, lambda a weight >= 0 for each; not all are 0.
func MergeScores[T autograd.Float](g *autograd.Graph[T], scores []*autograd.Tensor[T], lambda []float64) *autograd.Tensor[T] {
	var sum float64
	for _, l := range lambda {
		if !(l >= 0) {
			panic(fmt.Sprintf("anomem: MergeScores: weights %v: want none below 0", lambda))
		}
		sum += l
	}
	if len(scores) == 0 || len(scores) != len(lambda) || !(sum > 0) {
		panic(fmt.Sprintf("anomem: MergeScores: %d scores with weights %v", len(scores), lambda))
	}
	total := g.Scale(scores[0], T(lambda[0]/sum))
	for i, s := range scores[1:] {
		total = g.Add(total, g.Scale(s, T(lambda[i+1]/sum)))
	}
	return total
}
