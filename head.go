package anomem

import (
	"fmt"

	"anomem/autograd"
	"anomem/nn"
)

// Head is eq. 10, the anomaly distance s_a(x) = g(φ(Δ)) of one scale. φ averages the
// deviation map to Pool×Pool cells, with the windows of PyTorch's adaptive pooling. g is
// two linear layers with a ReLU between them, on Side×Side cells at a time, flattened as
// (y, x, c).
type Head[T autograd.Float] struct {
	Pool, Side int           // Side is Pool or 1
	Hidden     *nn.Linear[T] // [hidden Side·Side·C]
	Out        *nn.Linear[T] // [1 hidden]
}

// NewHead returns a head of shape c for maps of the given channels, to be filled by
// nn.Init.
func NewHead[T autograd.Float](c HeadConfig, channels int) *Head[T] {
	side := c.Side()
	return &Head[T]{
		Pool: c.Pool, Side: side,
		Hidden: nn.NewLinear[T](side*side*channels, c.Hidden),
		Out:    nn.NewLinear[T](c.Hidden, 1),
	}
}

// Forward returns the anomaly distances of deviation maps delta [B H W C] (eq. 8). There is
// one distance per map, [B], or with a local head one per cell, [B·Pool·Pool], map by map
// and row by row. Forward panics on another rank.
func (h *Head[T]) Forward(g *autograd.Graph[T], delta *autograd.Tensor[T]) *autograd.Tensor[T] {
	if delta.Rank() != 4 {
		panic(fmt.Sprintf("anomem: Head: shape %v: want [B H W C]", delta.Shape()))
	}
	return h.Cells(g, g.AvgPoolTo(delta, h.Pool, h.Pool))
}

// Cells returns the distances of maps that are already averaged, [B Pool Pool C], or of
// parts of these, [N Side Side C].
func (h *Head[T]) Cells(g *autograd.Graph[T], cells *autograd.Tensor[T]) *autograd.Tensor[T] {
	in := h.Hidden.Weight.Dim(1)
	n := cells.Len() / in
	hidden := g.ReLU(h.Hidden.Forward(g, g.Reshape(cells, n, in)))
	return g.Reshape(h.Out.Forward(g, hidden), n)
}

// Visit visits "hidden" and "out".
func (h *Head[T]) Visit(v nn.Visitor[T], prefix string) {
	h.Hidden.Visit(v, nn.Join(prefix, "hidden"))
	h.Out.Visit(v, nn.Join(prefix, "out"))
}
