package train

import (
	"math"

	"anomem/autograd"
	"anomem/hopfield"
	"anomem/loss"
)

// supervise puts a chunk's share of eq. 12, times Joint, on the tape, with its gradient:
// it needs no other chunk. Deviations of unit vectors are small, so that the heads see
// them multiplied by 2·√C, and are of no use without that.
func (s *Stepper[T]) supervise(g *autograd.Graph[T], maps [4]*autograd.Tensor[T], b *Batch[T], v, n, i int) {
	lo, hi := chunkOf(len(b.Normal), n, i)
	normal := make([]bool, 0, hi-lo)
	for k := lo; k < hi; k++ {
		normal = append(normal, b.Normal[b.row(v, k)])
	}
	var distances []*autograd.Tensor[T]
	for sc, h := range s.Parts.Heads {
		z, memory := maps[s.Config.Scales[sc].Stage-1], s.Parts.Memories[sc]
		delta := hopfield.Deviation(g, z, memory.Patterns, memory.Config)
		delta = g.Scale(delta, T(2*math.Sqrt(float64(z.Dim(3)))))
		distances = append(distances, h.Forward(g, delta))
	}
	share := s.Joint * float64(hi-lo) / float64(2*len(b.Normal)) // of both views' rows
	l := g.Scale(loss.Supervised(g, distances, normal, s.Margin), T(share))
	l.AccGrad(g)[0]++
	s.heads[v*n+i] = l.Item()
}

// HeadsLoss is what eq. 12 added to the last step's loss: Joint times its mean over the
// rows of both views.
func (s *Stepper[T]) HeadsLoss() float64 {
	var sum float64
	for _, l := range s.heads {
		sum += float64(l)
	}
	return sum
}
