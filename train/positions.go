package train

import (
	"anomem"
	"anomem/loss"
	"anomem/nn/rng"
)

// drawPositions returns the Ω of eq. 7 for each scale of a step.
func drawPositions(c anomem.Config, seed uint64, step int) [][]loss.Position {
	sides := c.MapSides()
	var all [][]loss.Position
	for s, sc := range c.Scales {
		r := rng.New(seed, rng.Name("positions"), uint64(step), uint64(s))
		all = append(all, loss.Sample(nil, sides[s], sides[s], sc.Ratio, r))
	}
	return all
}
