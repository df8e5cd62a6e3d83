package memae

import (
	"fmt"

	"anomem/autograd"
	"anomem/baseline/internal/learn"
	"anomem/nn"
)

// slope is that of LeakyReLU where its input is negative, as in the authors' code.
const slope = 0.2

// blocks is the number of convolutions of each half, by which the map shrinks 16 times.
const blocks = 4

// network is the autoencoder of the paper for CIFAR-10, by the widths of the first map: 1, 2,
// 2 and 4 times as many channels.
type network[T nn.Float] struct {
	down, up [blocks]*nn.Conv2D[T]
	norm     [2*blocks - 1]*nn.BatchNorm2D[T]
	memory   *autograd.Tensor[T] // [N C], a row for each pattern
}

// widths returns the channels of the maps, from the image to the smallest.
func widths(channels int) [blocks + 1]int {
	return [blocks + 1]int{3, channels, 2 * channels, 2 * channels, 4 * channels}
}

func newNetwork[T nn.Float](channels, patterns int) *network[T] {
	n, w := new(network[T]), widths(channels)
	for i := range blocks {
		n.down[i] = nn.NewConv2D[T](w[i], w[i+1], 3, 3, autograd.Conv{StrideH: 2, StrideW: 2, PadH: 1, PadW: 1})
		n.norm[i] = nn.NewBatchNorm2D[T](w[i+1])
		from := blocks - i
		n.up[i] = nn.NewConv2D[T](w[from], w[from-1], 3, 3, autograd.Conv{PadH: 1, PadW: 1})
		if i < blocks-1 {
			n.norm[blocks+i] = nn.NewBatchNorm2D[T](w[from-1])
		}
	}
	n.memory = autograd.New[T](patterns, w[blocks]).RequireGrad()
	return n
}

// encode maps images [N H W 3] to [N H/16 W/16 C].
func (n *network[T]) encode(g *autograd.Graph[T], x *autograd.Tensor[T]) *autograd.Tensor[T] {
	for i, c := range n.down {
		x = g.LeakyReLU(n.norm[i].Forward(g, c.Forward(g, x)), slope)
	}
	return x
}

// decode maps what encode returns to images. Each convolution follows a doubling.
func (n *network[T]) decode(g *autograd.Graph[T], z *autograd.Tensor[T]) *autograd.Tensor[T] {
	for i, c := range n.up {
		z = c.Forward(g, learn.Double(g, z))
		if i < blocks-1 {
			z = g.LeakyReLU(n.norm[blocks+i].Forward(g, z), slope)
		}
	}
	return z
}

// Forward returns what the memory lets through of images x [N H W 3], and the weights of the
// patterns, [N·H/16·W/16 patterns].
func (n *network[T]) Forward(g *autograd.Graph[T], x *autograd.Tensor[T], threshold float64) (y, weights *autograd.Tensor[T]) {
	z := n.encode(g, x)
	c := z.Dim(3)
	weights = address(g, g.Reshape(z, z.Len()/c, c), n.memory, threshold)
	read := g.MatMul(weights, n.memory, false, false)
	return n.decode(g, g.Reshape(read, z.Dim(0), z.Dim(1), z.Dim(2), c)), weights
}

// Visit implements nn.Params.
func (n *network[T]) Visit(v nn.Visitor[T], prefix string) {
	for i := range blocks {
		n.down[i].Visit(v, nn.Join(prefix, fmt.Sprintf("down%d", i+1)))
		n.up[i].Visit(v, nn.Join(prefix, fmt.Sprintf("up%d", i+1)))
	}
	for i, b := range n.norm {
		b.Visit(v, nn.Join(prefix, fmt.Sprintf("bn%d", i+1)))
	}
	v.Entry(nn.Entry[T]{Name: nn.Join(prefix, "memory"), Tensor: n.memory, First: nn.KaimingUniform(n.memory.Dim(1))})
}
