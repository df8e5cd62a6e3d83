package puzzlegeom

import (
	"anomem/autograd"
	"anomem/baseline/internal/learn"
	"anomem/nn/rng"
)

// puzzle says for each place of a grid, row by row, which piece of the image lies there.
type puzzle []int

// drawPuzzles returns puzzles of grid×grid pieces, n of them, drawn for a step.
func drawPuzzles(seed uint64, step, n, grid int) []puzzle {
	r := rng.New(seed, rng.Name("puzzlegeom: puzzles"), uint64(step))
	all := make([]puzzle, n)
	for i := range all {
		all[i] = r.Perm(grid * grid)
	}
	return all
}

// apply writes src [side side 3], cut into pieces that are laid as p says, to dst. The side is a
// multiple of grid.
func (p puzzle) apply(dst, src []float32, side, grid int) {
	n := side / grid
	for place, piece := range p {
		for y := range n {
			to, from := (place/grid*n+y)*side+place%grid*n, (piece/grid*n+y)*side+piece%grid*n
			copy(dst[3*to:3*(to+n)], src[3*from:3*(from+n)])
		}
	}
}

// puzzled returns copies of plain images [N side side 3], as many of each as there are puzzles
// for each, [len(puzzles) side side 3].
func puzzled(g *learn.Graph, plain []float32, side, grid int, puzzles []puzzle) *learn.Tensor {
	size := 3 * side * side
	each := len(puzzles) * size / len(plain)
	x := g.NewTensor(len(puzzles), side, side, 3)
	for i, p := range puzzles {
		p.apply(x.Data()[i*size:][:size], plain[i/each*size:][:size], side, grid)
	}
	return x
}

// puzzleLoss is the mean over the places of all puzzles of the cross-entropy of the piece that lies
// there. The logits [N P·P], with P = grid², are of each place's pieces, place by place.
func puzzleLoss[T autograd.Float](g *autograd.Graph[T], logits *autograd.Tensor[T], puzzles []puzzle) *autograd.Tensor[T] {
	var pieces []int
	for _, p := range puzzles {
		pieces = append(pieces, p...)
	}
	return learn.CrossEntropy(g, g.Reshape(logits, len(pieces), len(puzzles[0])), pieces)
}

// puzzleSurprise is 1 less the mean probability that each place's piece is told.
func puzzleSurprise(g *learn.Graph, logits *learn.Tensor, puzzles []puzzle) float64 {
	n := len(puzzles[0])
	p := g.Softmax(g.Reshape(logits, len(puzzles)*n, n), 1)
	sum := 0.
	for i, row := range puzzles {
		for place, piece := range row {
			sum += float64(p.Data()[(i*n+place)*n+piece])
		}
	}
	return 1 - sum/float64(len(puzzles)*n)
}
