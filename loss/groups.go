package loss

import "anomem/autograd"

// groups enumerates the terms of eq. 7: scale after scale, all positions of a scale or
// some at a time.
type groups[T autograd.Float] struct {
	scales []Scale[T]
	most   int // positions of a group; 0: all of a scale
	count  int // Σ|Ω|

	scale, from int      // where the next group begins
	group       Scale[T] // the current group: a scale with its share of the positions
	weight      T        // λ·|group|/Σ|Ω|
}

// newGroups checks the scales of a batch. It panics where MultiScale does.
func newGroups[T autograd.Float](g *autograd.Graph[T], scales []Scale[T], batch, most int) groups[T] {
	it := groups[T]{scales: scales, most: most}
	for i := range scales {
		scales[i].check(g, batch)
		it.count += len(scales[i].Positions)
	}
	return it
}

// next moves to the next group and reports whether there is one.
func (it *groups[T]) next() bool {
	for ; it.scale < len(it.scales); it.scale, it.from = it.scale+1, 0 {
		s := &it.scales[it.scale]
		left := s.Positions[it.from:]
		if len(left) == 0 {
			continue
		}
		if it.most > 0 {
			left = left[:min(len(left), it.most)]
		}
		it.from += len(left)
		it.group = *s
		it.group.Positions = left
		it.weight = T(s.Weight * float64(len(left)) / float64(it.count))
		return true
	}
	return false
}

// loss is the current group's part of eq. 7.
func (it *groups[T]) loss(g *autograd.Graph[T], normal []bool, c Config) *autograd.Tensor[T] {
	return g.Scale(it.group.loss(g, normal, c), it.weight)
}
