package train

import (
	"math"

	"anomem"
	"anomem/dataset"
)

// longFrom is the ratio of the longer side of images to the shorter one beyond which they
// are not squeezed into squares. sameShape bounds the ratio of the shapes of images that
// have one in common.
const longFrom, sameShape = 1.5, 1.1

// sideStep is what sides are multiples of, and leastSide the least of them.
const sideStep, leastSide = 8, 16

// FitShape gives in the shape that the images of d have in common, if they are taken whole,
// their longer side is more than 1.5 times the shorter one, and o makes no quarter turns of
// them. The encoder then sees about as many pixels as in a square of in.Size, and along a
// side no more than the images have.
func FitShape(in *anomem.Input, o Options, d dataset.Source) {
	if in.Tile > 0 || o.Turn > 0 || o.Shift.Rotates() {
		return
	}
	least, most, w, h := math.Inf(1), 0.0, 0, 0
	for i := range d.Len() {
		dx, dy := d.Size(i)
		ratio := float64(dx) / float64(dy)
		least, most, w, h = min(least, ratio), max(most, ratio), max(w, dx), max(h, dy)
	}
	ratio := math.Sqrt(least * most)
	if most > sameShape*least || max(ratio, 1/ratio) <= longFrom {
		return
	}
	fit := func(side float64, limit int) int {
		n := min(int(math.Round(side/sideStep)), (limit+sideStep-1)/sideStep)
		return max(leastSide, n*sideStep)
	}
	side := float64(in.Size)
	in.Width, in.Size = fit(side*math.Sqrt(ratio), w), fit(side/math.Sqrt(ratio), h)
}
