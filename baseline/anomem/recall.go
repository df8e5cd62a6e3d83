package anomem

import (
	"image"

	"anomem"
	"anomem/autograd"
	"anomem/baseline"
	"anomem/hopfield"
	"anomem/imageio"
)

// Recall compares each position of images with the patterns of the memory of its scale, by the
// similarity by which that retrieves them, and passes them to see, image by image. What see receives
// is valid until it returns. Of a pyramid only its first level is seen. Recall panics before Fit.
func (d *Detector) Recall(imgs []*imageio.Image, see func(baseline.Position)) {
	m := d.fitted("Recall")
	if t := m.Template(); t != nil {
		whole := imgs
		imgs = make([]*imageio.Image, len(whole))
		for i, img := range whole {
			imgs[i] = t.Cut(img).Image(img)
		}
	}
	m.EachSquare(imgs, nil, func(g *autograd.Graph[float32], of []anomem.Square, scales []anomem.Analysis) {
		similar := make([]*autograd.Tensor[float32], len(scales))
		g.NoGrad(func() {
			for s, a := range scales {
				memory, c := m.Parts().Memories[s], a.Map.Dim(3)
				query := hopfield.Normalize(g, g.Reshape(a.Map, a.Map.Len()/c, c), memory.Config.Similarity)
				similar[s] = g.MatMul(query, hopfield.Normalize(g, memory.Patterns, memory.Config.Similarity), false, true)
			}
		})
		for k, sq := range of {
			for s, a := range scales {
				if sq.Level == 0 {
					seeSquare(sq, k, s, imgs[sq.Image], a.Map, similar[s], see)
				}
			}
		}
	})
}

// seeSquare passes the positions of square k at scale s to see, row by row.
func seeSquare(sq anomem.Square, k, s int, img *imageio.Image, of, similar *autograd.Tensor[float32], see func(baseline.Position)) {
	rows, cols, n := of.Dim(1), of.Dim(2), similar.Dim(1)
	at := func(from, length, i, cells int) int { return from + length*i/cells }
	for i := range rows * cols {
		y, x, r := i/cols, i%cols, sq.Rect
		cell := image.Rect(at(r.Min.X, r.Dx(), x, cols), at(r.Min.Y, r.Dy(), y, rows), at(r.Min.X, r.Dx(), x+1, cols), at(r.Min.Y, r.Dy(), y+1, rows))
		row := (k*rows*cols + i) * n
		see(baseline.Position{Image: sq.Image, Scale: s, From: img, Cell: cell, Similarity: similar.Data()[row : row+n]})
	}
}
