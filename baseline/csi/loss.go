package csi

import (
	"anomem/autograd"
	"anomem/baseline/internal/learn"
	"anomem/loss"
)

// turns is K, the number of quarter turns.
const turns = 4

// Forward maps images [N side side 3] to the features that are contrasted, [N 128], and the
// logits of the turns, [N 4].
func (n *network[T]) Forward(g *autograd.Graph[T], x *autograd.Tensor[T]) (z, logits *autograd.Tensor[T]) {
	f := n.encoder.Forward(g, x)
	return n.project.Forward(g, f), n.turn.Forward(g, f)
}

// contrastTurned is the paper's loss, L_con-SI + L_cls-SI, of two views of rows of which row i is
// turned i mod 4 times: NT-Xent of the features z [2N C], the first view before the second, in
// which turned copies are negatives, and the cross-entropy of the logits [2N 4]. N is a multiple
// of 4.
func contrastTurned[T autograd.Float](g *autograd.Graph[T], z, logits *autograd.Tensor[T], tau float64) *autograd.Tensor[T] {
	n := z.Dim(0) / 2
	class := make([]int, 2*n)
	for i := range class {
		class[i] = i % turns
	}
	con := loss.SimCLR(g, g.Slice(z, 0, 0, n), g.Slice(z, 0, n, 2*n), tau)
	return g.Add(con, learn.CrossEntropy(g, logits, class))
}
