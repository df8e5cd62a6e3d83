package anomem

import (
	"fmt"

	"anomem/autograd"
	"anomem/simd"
)

// MapNorm is eq. 9, s_a(x) = ‖Δ‖₂: the norm of each image's whole deviation map (eq. 8).
// delta is [B H W C], the result [B]. A zero map has a zero gradient. MapNorm panics on
// another rank.
func MapNorm[T autograd.Float](g *autograd.Graph[T], delta *autograd.Tensor[T]) *autograd.Tensor[T] {
	if delta.Rank() != 4 {
		panic(fmt.Sprintf("anomem: MapNorm: shape %v: want [B H W C]", delta.Shape()))
	}
	// ‖Δ‖ = ⟨Δ, Δ/‖Δ‖⟩, and the gradient of the unit vector has no component along Δ.
	flat := g.Reshape(delta, delta.Dim(0), delta.Dim(1)*delta.Dim(2)*delta.Dim(3))
	return g.Sum(g.Mul(flat, g.L2Normalize(flat, shortest)), false, -1)
}

// shortest is the norm below which a map counts as zero.
const shortest = 1e-12

// Merge is eq. 13, the mean of an image's scores at each scale, weighted by the confidence
// λ in the scale:
//
//	s_a(x) = Σ_s λ_s·s_a,s(x) / Σ_s λ_s
//
// lambda holds a weight >= 0 for each score; they must not all be 0.
func Merge(scores, lambda []float64) float64 {
	var sum, weights float64
	for s, v := range scores {
		sum += float64(lambda[s] * v)
		weights += lambda[s]
	}
	return sum / weights
}

// MergeScores is eq. 13 on a graph: it merges the scores of each image, with
// ∂/∂s_a,s = λ_s/Σλ. scores holds [B] for each scale; the result is [B]. MergeScores panics
// on scores of different shapes, and unless lambda holds a weight >= 0 for each scale, one
// of them above 0.
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
	for _, s := range scores {
		if s.Shape() != scores[0].Shape() {
			panic(fmt.Sprintf("anomem: MergeScores: shapes %v and %v differ", scores[0].Shape(), s.Shape()))
		}
	}
	op := &mergeOp[T]{scores: scores, out: g.NewLike(scores[0].Shape())}
	for _, l := range lambda {
		op.share = append(op.share, T(l/sum))
	}
	each := make([]float64, len(scores))
	for i := range op.out.Data() {
		for s, score := range scores {
			each[s] = float64(score.Data()[i])
		}
		op.out.Data()[i] = T(Merge(each, lambda))
	}
	g.Record(op.out, op, scores...)
	return op.out
}

type mergeOp[T autograd.Float] struct {
	scores []*autograd.Tensor[T]
	share  []T // λ_s/Σλ
	out    *autograd.Tensor[T]
}

// Backward implements autograd.Op.
func (op *mergeOp[T]) Backward(g *autograd.Graph[T]) {
	for s, score := range op.scores {
		if d := score.AccGrad(g); d != nil {
			simd.Axpy(d, op.share[s], op.out.Grad())
		}
	}
}
