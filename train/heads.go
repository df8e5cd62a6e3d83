package train

import (
	"fmt"

	"anomem"
	"anomem/autograd"
	"anomem/nn"
)

// heads is what stage 2 trains, as a module.
type heads struct{ heads []*anomem.Head[float32] }

func (h heads) Visit(v nn.Visitor[float32], prefix string) {
	for s, head := range h.heads {
		head.Visit(v, nn.Join(prefix, fmt.Sprintf("head.%d", s)))
	}
}

// Forward is that of the last scale's head.
func (h heads) Forward(g *autograd.Graph[float32], x *autograd.Tensor[float32]) *autograd.Tensor[float32] {
	return h.heads[len(h.heads)-1].Forward(g, x)
}
