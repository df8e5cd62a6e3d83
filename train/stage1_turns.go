package train

import (
	"anomem"
	"anomem/autograd"
	"anomem/nn"
)

// turns adds the classification of quarter turns to stage 1: the classifiers of all scales
// learn, and teach the encoder, by how many quarter turns each row is rotated.
type turns[T nn.Float] struct {
	weight float64 // of the loss
	parts  *anomem.Parts[T]
	config anomem.Config
	views  int // of a step
}

// supervise puts the share of rows lo to hi-1 of view v on the tape with its gradient, and
// returns its value: the weight times the mean over all rows and views of the cross-entropy
//
//	Σ_s λ_s·H(t, p_s) / Σ_s λ_s
//
// t is one-hot at the row's quarter turns where the image is normal, and uniform where it
// shows a known anomaly: of such an image the classifiers shall know nothing (Hendrycks,
// Mazeika and Dietterich, ICLR 2019). The share needs no other row.
func (t turns[T]) supervise(g *autograd.Graph[T], maps [4]*autograd.Tensor[T], b *Batch[T], v, lo, hi int) T {
	const n = anomem.QuarterTurns
	target := g.NewTensor(hi-lo, n)
	clear(target.Data())
	for k := lo; k < hi; k++ {
		row := b.row(v, k)
		to := target.Data()[(k-lo)*n:][:n]
		if b.Normal[row-row%n] { // the first of an image's rows is not rotated
			to[row%n] = 1
			continue
		}
		for i := range to {
			to[i] = 1. / n
		}
	}
	var lambda float64
	for _, s := range t.config.Scales {
		lambda += s.Lambda
	}
	var total *autograd.Tensor[T]
	for i, s := range t.config.Scales {
		log := t.parts.Turns[i].Forward(g, maps[s.Stage-1])
		share := -t.weight * s.Lambda / lambda / float64(t.views*len(b.Normal))
		l := g.Scale(g.Sum(g.Mul(log, target), false), T(share))
		if total != nil {
			l = g.Add(total, l)
		}
		total = l
	}
	total.AccGrad(g)[0]++
	return total.Item()
}
