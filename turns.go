package anomem

import (
	"fmt"

	"anomem/autograd"
	"anomem/nn"
)

// QuarterTurns is the number of ways in which an image can be rotated by quarter turns.
const QuarterTurns = 4

// TurnHead tells by how many quarter turns the image of a map was rotated (Gidaris, Singh
// and Komodakis, ICLR 2018): a linear classifier of the mean over the map's positions. Only
// images that resemble the normal ones are told right (Golan and El-Yaniv, NeurIPS 2018).
type TurnHead[T autograd.Float] struct {
	Out *nn.Linear[T] // [QuarterTurns C]
}

// NewTurnHead returns a classifier for maps of the given channels, to be filled by nn.Init.
func NewTurnHead[T autograd.Float](channels int) *TurnHead[T] {
	return &TurnHead[T]{nn.NewLinear[T](channels, QuarterTurns)}
}

// Forward returns the log-probabilities [B QuarterTurns] of the quarter turns of the images
// whose maps are z [B H W C]. It panics on another rank.
func (h *TurnHead[T]) Forward(g *autograd.Graph[T], z *autograd.Tensor[T]) *autograd.Tensor[T] {
	return g.LogSoftmax(h.Out.Forward(g, pooled(g, z)), -1)
}

// Visit visits "out".
func (h *TurnHead[T]) Visit(v nn.Visitor[T], prefix string) { h.Out.Visit(v, nn.Join(prefix, "out")) }

// pooled returns the mean over the positions of each map, [B C].
func pooled[T autograd.Float](g *autograd.Graph[T], z *autograd.Tensor[T]) *autograd.Tensor[T] {
	if z.Rank() != 4 {
		panic(fmt.Sprintf("anomem: a map of shape %v: want [B H W C]", z.Shape()))
	}
	return g.Reshape(g.AvgPoolTo(z, 1, 1), z.Dim(0), z.Dim(3))
}
