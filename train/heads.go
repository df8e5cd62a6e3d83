package train

import (
	"fmt"

	"anomem"
	"anomem/nn"
)

// heads is what stage 2 trains, .
type heads struct{ heads []*anomem.Head[float32] }

func (h heads) Visit(v nn.Visitor[float32], prefix string) {
	for s, head := range h.heads {
		head.Visit(v, nn.Join(prefix, fmt.Sprintf("head.%d", s)))
	}
}
