package loss

import (
	"math"

	"anomem/autograd"
)

// groupSimilarities bounds the similarities, (2B)² at a location, that GradMultiScale
// keeps in memory at a time; a group has one location at least. The last bits of the
// gradient depend on it, so it is the same on every machine.
var groupSimilarities = 1 << 24 // a variable for tests

// GradMultiScale adds the gradient of MultiScale (eq. 7) to that of the maps and the
// memories, which must be leaves, and returns the loss. Locations interact only through
// a sum, so the tape holds one scale at a time, and of a large batch some locations:
// B = 1024 takes the memory of four. Under Pooled, which contrasts locations with each
// other, a scale is one group. g must be empty, and is empty afterwards. If the loss is
// not finite, the gradient is incomplete. GradMultiScale panics where MultiScale does.
func GradMultiScale[T autograd.Float](g *autograd.Graph[T], scales []Scale[T], normal []bool, c Config) T {
	most := 0
	if !c.Pooled {
		most = max(1, groupSimilarities/max(1, 4*len(normal)*len(normal)))
	}
	groups := newGroups(g, scales, len(normal), most)
	g.Reset()
	var total T
	for groups.next() {
		l := groups.loss(g, normal, c)
		total += l.Item()
		if v := float64(total); math.IsNaN(v) || math.IsInf(v, 0) {
			g.Reset()
			return total
		}
		g.Backward(l)
		g.Reset()
	}
	return total
}
