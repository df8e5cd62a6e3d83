package learn

import (
	"anomem/autograd"
	"anomem/nn/rng"
)

// moveHead is a classifier of one part of a move.
type moveHead struct {
	from, to int // its logits, among those of all heads
	class    func(Move) int
}

var moveHeads = []moveHead{
	{0, 4, func(m Move) int { return m.Quarters }},
	{4, 7, func(m Move) int { return Class(m.Y) }},
	{7, 10, func(m Move) int { return Class(m.X) }},
}

// MoveLogits is the number of logits of the three heads that tell moves: 4 of quarter turns, 3 of
// shifts up or down, and 3 of shifts to the left or right.
const MoveLogits = 10

// MoveLoss is the sum of the heads' cross-entropies, each a mean over the rows of logits
// [N MoveLogits], of images that were moved as moves say.
func MoveLoss[T autograd.Float](g *autograd.Graph[T], logits *autograd.Tensor[T], moves []Move) *autograd.Tensor[T] {
	var sum *autograd.Tensor[T]
	for _, h := range moveHeads {
		class := make([]int, len(moves))
		for i, m := range moves {
			class[i] = h.class(m)
		}
		l := CrossEntropy(g, g.Slice(logits, 1, h.from, h.to), class)
		if sum == nil {
			sum = l
		} else {
			sum = g.Add(sum, l)
		}
	}
	return sum
}

// MoveSurprise returns how badly the heads tell all M moves of an image, of which logits are:
//
//	1 - 1/3M Σ_m (p_turn(m) + p_vertical(m) + p_horizontal(m))
func MoveSurprise(g *Graph, logits *Tensor, moves []Move) float64 {
	sum := 0.
	for _, h := range moveHeads {
		p := g.Softmax(g.Slice(logits, 1, h.from, h.to), 1)
		for i, m := range moves {
			sum += float64(p.Data()[i*(h.to-h.from)+h.class(m)])
		}
	}
	return 1 - sum/float64(len(moveHeads)*len(moves))
}

// DrawMoves returns the moves of the rows of a step: for each image, all quarter turns, each with
// a shift of its own. A seed gives others for each name.
func DrawMoves(seed uint64, name string, step, images int) []Move {
	var all []Move
	r := rng.New(seed, rng.Name(name), uint64(step))
	for range images {
		for q := range 4 {
			all = append(all, Move{Quarters: q, X: r.IntN(3) - 1, Y: r.IntN(3) - 1})
		}
	}
	return all
}
