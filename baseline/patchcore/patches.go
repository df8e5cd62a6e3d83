package patchcore

import (
	"anomem/autograd"
	"anomem/baseline/internal/features"
	"anomem/imageio"
	"anomem/nn/rng"
	"anomem/simd"
)

// patches returns the locally aware features of an image, [side·side C]: of the map of each stage
// the means over 3×3 positions, enlarged to the first map's size, side by side.
func patches(e *features.Encoder, img *imageio.Image, stages []int) (rows []float32, side int) {
	e.See(img, func(g *autograd.Graph[float32], maps [4]*autograd.Tensor[float32]) {
		side = maps[stages[0]-1].Dim(1)
		var all []*autograd.Tensor[float32]
		for _, s := range stages {
			all = append(all, g.Resize(around(g, maps[s-1]), side, side))
		}
		rows = append(rows, g.Concat(3, all...).Data()...)
	})
	return rows, side
}

// around returns the mean of a map [1 H W C] over the 3×3 positions around each, or as many as
// there are.
func around(g *autograd.Graph[float32], z *autograd.Tensor[float32]) *autograd.Tensor[float32] {
	h, w, c := z.Dim(1), z.Dim(2), z.Dim(3)
	out := g.NewTensor(1, h, w, c)
	for y := range h {
		for x := range w {
			to := out.Data()[(y*w+x)*c:][:c]
			clear(to)
			y0, y1, x0, x1 := max(0, y-1), min(h, y+2), max(0, x-1), min(w, x+2)
			for v := y0; v < y1; v++ {
				for u := x0; u < x1; u++ {
					simd.Add(to, to, z.Data()[(v*w+u)*c:][:c])
				}
			}
			simd.Scale(to, to, 1/float32((y1-y0)*(x1-x0)))
		}
	}
	return out
}

// reservoir keeps rows, of more than most as many that are drawn evenly (J. S. Vitter, Random
// sampling with a reservoir, ACM TOMS 11, 1985, algorithm R).
type reservoir struct {
	most int
	r    rng.Stream
	seen int
	rows []float32
}

// add shows rows of the given width.
func (v *reservoir) add(rows []float32, width int) {
	for lo := 0; lo < len(rows); lo += width {
		row := rows[lo : lo+width]
		v.seen++
		if v.seen <= v.most {
			v.rows = append(v.rows, row...)
		} else if at := v.r.IntN(v.seen); at < v.most {
			copy(v.rows[at*width:], row)
		}
	}
}
