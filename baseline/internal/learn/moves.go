package learn

import (
	"fmt"
	"slices"
)

// Move shifts and turns a square image.
type Move struct {
	Quarters int // quarter turns counter-clockwise, after the shift
	X, Y     int // -1, 0 or 1: to the left or right, up or down, by a quarter of the side
}

// Moves returns the 36 of them: by turn, then by Y, then by X, each in the order 0, -1, 1.
// The first is none.
func Moves() []Move {
	var all []Move
	for q := range 4 {
		for _, y := range places {
			for _, x := range places {
				all = append(all, Move{q, x, y})
			}
		}
	}
	return all
}

var places = [...]int{0, -1, 1}

// Class returns the place of a shift, X or Y, in the order of Moves.
func Class(shift int) int { return slices.Index(places[:], shift) }

// Moved returns copies of plain images [N side side 3] as a tensor of g: of each image, as many
// copies as there are moves for each, [len(moves) side side 3].
func Moved(g *Graph, plain []float32, side int, moves []Move) *Tensor {
	size := 3 * side * side
	each := len(moves) * size / len(plain)
	x := g.NewTensor(len(moves), side, side, 3)
	for i, m := range moves {
		m.Apply(x.Data()[i*size:][:size], plain[i/each*size:][:size], side)
	}
	return x
}

// Apply writes src [side side 3], moved, to dst. What comes in from beyond an edge is the
// image mirrored at it.
func (m Move) Apply(dst, src []float32, side int) {
	if len(dst) != 3*side*side || len(src) != len(dst) {
		panic(fmt.Sprintf("learn: Move: %d and %d values of %d×%d pixels", len(dst), len(src), side, side))
	}
	for y := range side {
		for x := range side {
			fx, fy := x, y
			for range m.Quarters {
				fx, fy = side-1-fy, fx
			}
			fx, fy = mirrored(fx-m.X*(side/4), side), mirrored(fy-m.Y*(side/4), side)
			copy(dst[3*(y*side+x):][:3], src[3*(fy*side+fx):])
		}
	}
}

// mirrored returns the pixel of 0 to n-1 at place i of a row that is mirrored at its ends.
func mirrored(i, n int) int {
	if i < 0 {
		return -1 - i
	}
	if i >= n {
		return 2*n - 1 - i
	}
	return i
}
