package learn

import (
	"anomem/baseline"
	"anomem/imageio"
	"anomem/loss"
	"anomem/nn"
)

// Contrast returns the loss of steps that contrast two strong views of each image of a batch:
// NT-Xent with temperature tau of what net makes of them (SimCLR).
func Contrast(net nn.Module[float32], images []*imageio.Image, side, batch int, tau float64, o baseline.Options) func(g *Graph, step int) *Tensor {
	order, picks := NewOrder(o.Seed, "normal", len(images)), make([]int, batch)
	views, rows := NewViews(o.Seed, side, Strong(side), Norm), make([]*imageio.Image, batch)
	return func(g *Graph, step int) *Tensor {
		order.Batch(picks, step)
		for i, k := range picks {
			rows[i] = images[k]
		}
		x := g.NewTensor(2*batch, side, side, 3)
		half := x.Len() / 2
		views.Fill(o.Pool, x.Data()[:half], rows, step, 0)
		views.Fill(o.Pool, x.Data()[half:], rows, step, 1)
		z := net.Forward(g, x)
		return loss.SimCLR(g, g.Slice(z, 0, 0, batch), g.Slice(z, 0, batch, 2*batch), tau)
	}
}
