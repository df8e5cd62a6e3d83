package loss

import (
	"math"

	"anomem/autograd"
)

// groupSimilarities is how many similarities, (2B)² at a location, GradMultiScale has in
// memory at a time, if one location has no more. The gradient's last bits depend on it,
// and it is the same on every machine.
var groupSimilarities = 1 << 24 // but in a test

// GradMultiScale adds the gradient of MultiScale to that of the maps and the memories,
// which are leaves, and returns the loss. Locations do not meet in eq. 7 but in its sum,
// so that a scale after another is put on the tape, and of a large batch some locations
// after others: B = 1024 takes the memory of four locations. g must hold nothing, and holds
// nothing afterwards. A loss that is not finite may have no gradient. Where eq. 5 contrasts
// locations with each other (Pooled), or a projector may, a scale is one group.
func GradMultiScale[T autograd.Float](g *autograd.Graph[T], scales []Scale[T], normal []bool, c Config) T {
	count := 0
	for i := range scales {
		scales[i].check(g, len(normal))
		count += len(scales[i].Positions)
	}
	g.Reset()
	var total T
	for i := range scales {
		s := scales[i]
		all := s.Positions
		each := len(all)
		if !c.Pooled && s.Project == nil {
			each = min(each, max(1, groupSimilarities/(4*len(normal)*len(normal))))
		}
		for lo := 0; lo < len(all); lo += each {
			s.Positions = all[lo:min(lo+each, len(all))]
			weight := T(s.Weight * float64(len(s.Positions)) / float64(count))
			l := g.Scale(s.loss(g, normal, c), weight)
			total += l.Item()
			if v := float64(total); math.IsNaN(v) || math.IsInf(v, 0) {
				g.Reset()
				return total
			}
			g.Backward(l)
			g.Reset()
		}
	}
	return total
}
