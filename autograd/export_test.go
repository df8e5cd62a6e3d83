package autograd

import (
	"fmt"
	"regexp"
)

// ownType matches the name of a type of this package.
var ownType = regexp.MustCompile(`autograd\.(\w+)`)

// Records returns the names of the types on the tape, and of those that they are
// made of: "unaryOp" and "expFunc".
func (g *Graph[T]) Records() []string {
	var names []string
	for _, n := range g.tape {
		for _, m := range ownType.FindAllStringSubmatch(fmt.Sprintf("%T", n.op), -1) {
			names = append(names, m[1])
		}
	}
	return names
}

// Untouched reports whether nothing was made since NewGraph or Reset.
func (g *Graph[T]) Untouched() bool {
	zero := arenaPos{}
	return g.floats.inUse == 0 && g.doubles.pos == zero && g.ints.pos == zero && g.bools.pos == zero &&
		g.lists.pos == zero && g.tensors.used == 0 && len(g.tape) == 0
}

// SetGrain sets the elements of a chunk and of a block.
func (g *Graph[T]) SetGrain(grain, block int) { g.grain, g.block = grain, block }

// Poison fills the graph's floats whose contents are undefined with NaN.
func (g *Graph[T]) Poison() { g.floats.poison = true }
