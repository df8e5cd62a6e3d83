package anomem

import (
	"fmt"

	"anomem/autograd"
	"anomem/nn"
)

// Head is eq. 10, the anomaly distance s_a(x) = g(φ(Δ)) of one scale: φ averages the
// deviation map to Pool×Pool cells (windows as PyTorch's adaptive pooling), and g is
// two layers with a ReLU between them, on the cells flattened as (y, x, c).
type Head[T autograd.Float] struct {
	Pool   int
	Hidden *nn.Linear[T] // [hidden Pool·Pool·C]
	Out    *nn.Linear[T] // [1 hidden]
}

// NewHead returns a head for maps of the given channels. nn.Init fills it.
func NewHead[T autograd.Float](pool, channels, hidden int) *Head[T] {
	return &Head[T]{
		Pool:   pool,
		Hidden: nn.NewLinear[T](pool*pool*channels, hidden),
		Out:    nn.NewLinear[T](hidden, 1),
	}
}

// Forward returns the anomaly distances [B] of deviation maps delta [B H W C]
// (eq. 8).
func (h *Head[T]) Forward(g *autograd.Graph[T], delta *autograd.Tensor[T]) *autograd.Tensor[T] {
	if delta.Rank() != 4 {
		panic(fmt.Sprintf("anomem: Head: shape %v: want [B H W C]", delta.Shape()))
	}
	b := delta.Dim(0)
	cells := g.AvgPoolTo(delta, h.Pool, h.Pool)
	hidden := g.ReLU(h.Hidden.Forward(g, g.Reshape(cells, b, h.Pool*h.Pool*delta.Dim(3))))
	return g.Reshape(h.Out.Forward(g, hidden), b)
}

// Visit shows what "hidden" and "out" hold.
func (h *Head[T]) Visit(v nn.Visitor[T], prefix string) {
	h.Hidden.Visit(v, nn.Join(prefix, "hidden"))
	h.Out.Visit(v, nn.Join(prefix, "out"))
}
