package hopfield

import (
	"fmt"
	"math"

	"anomem/autograd"
)

// maxUpdates bounds the updates of a row that does not converge.
const maxUpdates = 1000

// Retrieve is eq. 1, the answer of a memory of patterns [N C] to each row of query
// [... C]:
//
//	HF(z) = softmax(β·z·Xᵀ)·X
//
// It is a mixture of the patterns, weighted by their similarity to the query. Under Unit
// z and X are on the unit sphere and β is multiplied by √C; under LayerNorm they are
// normalised along channels and β is divided by √C.
//
// The update is repeated c.Updates times or, if that is 0, for each row until the row
// changes by at most c.Eps, at most 1000 times: a row's result does not depend on the
// other rows. Before each repetition the mixture is normalised again. Gradients pass
// through every update.
//
// The result has the shape of query. Retrieve panics if the channels differ, if there is
// no pattern, and unless c has β > 0, Updates >= 0 and Eps >= 0.
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

// attention is a memory prepared for one retrieval.
type attention[T autograd.Float] struct {
	stored *autograd.Tensor[T] // the patterns [N C], normalised
	sharp  T                   // the factor of a product in the logits
}

// update returns the answers [R C] of one update to a normalised query [R C].
func (a attention[T]) update(g *autograd.Graph[T], query *autograd.Tensor[T]) *autograd.Tensor[T] {
	return g.Attention(query, a.stored, a.stored, a.sharp)
}

// weights returns the weights [R N] of the patterns for a normalised query [R C].
func (a attention[T]) weights(g *autograd.Graph[T], query *autograd.Tensor[T]) *autograd.Tensor[T] {
	return g.Softmax(g.Scale(g.MatMul(query, a.stored, false, true), a.sharp), -1)
}

// settle updates each row, from state = update(start), until it has converged. A
// converged row leaves the batch, which does not affect the others: every operation here
// treats rows independently.
func (a attention[T]) settle(g *autograd.Graph[T], start, state *autograd.Tensor[T], c Config) *autograd.Tensor[T] {
	rows, channels := state.Dim(0), state.Dim(1)
	active := make([]int32, rows) // the indices in the batch of the rows still changing
	for i := range active {
		active[i] = int32(i)
	}
	var parts []*autograd.Tensor[T] // the converged rows, one tensor an update
	place := make([]int32, rows)    // the index of each row of the batch in the joined parts
	settled := 0
	for t := 1; len(active) > 0; t++ {
		var stop, move []int32 // indices into state
		var next []int32
		for i, row := range active {
			change := distance(start.Data()[i*channels:(i+1)*channels], state.Data()[i*channels:(i+1)*channels])
			// A NaN has converged: it stays NaN.
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

// distance returns the L2 norm of x - y. The sum is in float64 and each product is
// rounded, so the result is the same on every architecture.
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

// Weights returns the weights of the patterns [N C] for each row of query [R C] in one
// update of eq. 1, softmax(β·z·Xᵀ), as [R N]. It panics where Retrieve does.
func Weights[T autograd.Float](g *autograd.Graph[T], query, patterns *autograd.Tensor[T], c Config) *autograd.Tensor[T] {
	checkShapes("Weights", query, patterns)
	c.check()
	a := attention[T]{stored: Normalize(g, patterns, c.Similarity), sharp: T(c.sharpness(patterns.Dim(1)))}
	return a.weights(g, Normalize(g, query, c.Similarity))
}
