package anomem

import (
	"anomem"
	"anomem/autograd"
	"anomem/imageio"
)

// Features returns what the encoder gives for each image: the mean over the positions of its
// last scale's map, and over the tiles of an image that is cut. It panics before Fit.
func (d *Detector) Features(imgs []*imageio.Image) [][]float32 {
	rows, squares := make([][]float32, len(imgs)), make([]float32, len(imgs))
	d.fitted("Features").EachSquare(imgs, nil, func(g *autograd.Graph[float32], of []anomem.Square, scales []anomem.Analysis) {
		pooled := g.GlobalAvgPool(scales[len(scales)-1].Map)
		c := pooled.Dim(1)
		for k, sq := range of {
			if rows[sq.Image] == nil {
				rows[sq.Image] = make([]float32, c)
			}
			squares[sq.Image]++
			for i, v := range pooled.Data()[k*c : (k+1)*c] {
				rows[sq.Image][i] += v
			}
		}
	})
	for i, row := range rows {
		for k := range row {
			row[k] /= squares[i]
		}
	}
	return rows
}
