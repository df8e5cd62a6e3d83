package hopfield

import (
	"fmt"
	"math"

	"anomem/autograd"
)

// maxUpdates ends the updates of a row that does not settle.
const maxUpdates = 1000

// Retrieve is eq. 1: what a memory of patterns [N C] returns for each row of query
// [... C],
//
//	HF(z) = softmax(β·z·Xᵀ)·X
//
// a mixture of the patterns, weighted by their likeness to the query. Under Unit z
// and X are on the unit sphere throughout and β is multiplied by √C; under
// LayerNorm they are normalised along channels and β is divided by √C.
//
// The update is repeated as c says: Updates times, or for each row until that row
// itself changes by at most Eps (1000 times at most), so that no other row of the
// batch has a part in its result. Before each repetition the mixture is put back
// on the scale of the comparison. Gradients pass through every update made.
//
// The result has the shape of query. Retrieve panics if the channels differ, if
// there is no pattern, or if c makes no sense.
func Retrieve[T autograd.Float](g *autograd.Graph[T], query, patterns *autograd.Tensor[T], c Config) *autograd.Tensor[T] {
	checkShapes("Retrieve", query, patterns)
	c.check()
	channels := patterns.Dim(1)
	a := attention[T]{
		stored: Normalize(g, patterns, c.Similarity),
		sharp:  T(c.sharpness(channels)),
	}
	start := Normalize(g, g.Reshape(query, query.Len()/channels, channels), c.Similarity)
	state := a.update(g, start)
	for range c.Updates - 1 {
		state = a.update(g, Normalize(g, state, c.Similarity))
	}
	if c.Updates == 0 {
		state = a.settle(g, start, state, c)
	}
	return reshape(g, state, query.Shape())
}

// attention is the memory during one retrieval.
type attention[T autograd.Float] struct {
	stored *autograd.Tensor[T] // [N C], on the scale of the comparison
	sharp  T
}

// update is one step: query [R C], on the scale of the comparison, to [R C].
func (a attention[T]) update(g *autograd.Graph[T], query *autograd.Tensor[T]) *autograd.Tensor[T] {
	return g.MatMul(a.weights(g, query), a.stored, false, false)
}

// weights is what query [R C] gives each pattern, [R N].
func (a attention[T]) weights(g *autograd.Graph[T], query *autograd.Tensor[T]) *autograd.Tensor[T] {
	return g.Softmax(g.Scale(g.MatMul(query, a.stored, false, true), a.sharp), -1)
}

// settle goes on from state = update(start) until each row has settled. A settled
// row leaves the batch, which changes nothing for those that stay: every operation
// here treats its rows one by one.
func (a attention[T]) settle(g *autograd.Graph[T], start, state *autograd.Tensor[T], c Config) *autograd.Tensor[T] {
	rows, channels := state.Dim(0), state.Dim(1)
	active := make([]int32, rows) // of the rows still moving, their places in the batch
	for i := range active {
		active[i] = int32(i)
	}
	var parts []*autograd.Tensor[T] // the rows that settled, a tensor an update
	place := make([]int32, rows)    // of each row of the batch, its place in the joined parts
	settled := 0
	for t := 1; len(active) > 0; t++ {
		var stop, move []int32 // rows of state
		var next []int32
		for i, row := range active {
			change := distance(start.Data()[i*channels:(i+1)*channels], state.Data()[i*channels:(i+1)*channels])
			// A NaN has settled: it will not get better.
			if t < maxUpdates && change > c.Eps {
				move = append(move, int32(i))
				next = append(next, row)
				continue
			}
			stop = append(stop, int32(i))
			place[row] = int32(settled)
			settled++
		}
		if len(stop) > 0 {
			parts = append(parts, g.GatherRows(state, stop))
		}
		if active = next; len(active) > 0 {
			start = g.GatherRows(state, move)
			state = a.update(g, Normalize(g, start, c.Similarity))
		}
	}
	if len(parts) == 0 {
		return state
	}
	return g.GatherRows(g.Concat(0, parts...), place)
}

// distance is the L2 norm of x - y. The sum is in float64 and its products are
// rounded by themselves, so that it is the same on every architecture.
func distance[T autograd.Float](x, y []T) float64 {
	var sum float64
	for i, v := range x {
		d := float64(v) - float64(y[i])
		sum += float64(d * d)
	}
	return math.Sqrt(sum)
}

func (c Config) check() {
	if c.Updates < 0 || !(c.Beta > 0) || !(c.Eps >= 0) {
		panic(fmt.Sprintf("hopfield: β %g, %d updates, eps %g: want β > 0, updates >= 0 and eps >= 0", c.Beta, c.Updates, c.Eps))
	}
}

func checkShapes[T autograd.Float](name string, query, patterns *autograd.Tensor[T]) {
	if patterns.Rank() != 2 || patterns.Dim(0) == 0 || patterns.Dim(1) == 0 || query.Rank() == 0 || query.Dim(-1) != patterns.Dim(1) {
		panic(fmt.Sprintf("hopfield: %s: query %v and patterns %v: want [... C] and [N C]", name, query.Shape(), patterns.Shape()))
	}
}

// Weights returns what each row of query [R C] gives each of the patterns [N C] in one
// update of eq. 1, softmax(β·z·Xᵀ), as [R N]. It panics where Retrieve does.
func Weights[T autograd.Float](g *autograd.Graph[T], query, patterns *autograd.Tensor[T], c Config) *autograd.Tensor[T] {
	checkShapes("Weights", query, patterns)
	c.check()
	a := attention[T]{stored: Normalize(g, patterns, c.Similarity), sharp: T(c.sharpness(patterns.Dim(1)))}
	return a.weights(g, Normalize(g, query, c.Similarity))
}
