package deepsad

import (
	"fmt"

	"anomem/autograd"
	"anomem/baseline/internal/learn"
	"anomem/nn"
)

// slope is that of LeakyReLU where its input is negative, PyTorch's default.
const slope = 0.01

// blocks is the number of convolutions of the encoder, each of which halves the map.
const blocks = 3

// encoder is the network of the authors' code for CIFAR-10: three 5×5 convolutions, each with
// a norm, LeakyReLU and a maximum over 2×2, and a linear layer. Nothing has a bias, and norms
// have neither gain nor shift: with any of these, φ(x) = c would be a solution for every x.
type encoder[T nn.Float] struct {
	conv [blocks]*nn.Conv2D[T]
	norm [blocks]*norm[T]
	fc   *nn.Linear[T]
}

func newEncoder[T nn.Float](side, channels, features int) *encoder[T] {
	e := new(encoder[T])
	in := 3
	for i := range blocks {
		e.conv[i], e.norm[i] = conv5[T](in, channels<<i), newNorm[T](channels<<i)
		in = channels << i
	}
	last := side >> blocks
	e.fc = nn.NewLinear[T](last*last*in, features, nn.WithoutBias)
	return e
}

// Forward maps images [N side side 3] to φ, [N features].
func (e *encoder[T]) Forward(g *autograd.Graph[T], x *autograd.Tensor[T]) *autograd.Tensor[T] {
	for i := range blocks {
		x = g.LeakyReLU(e.norm[i].Forward(g, e.conv[i].Forward(g, x)), slope)
		x = g.MaxPool(x, autograd.Window{H: 2, W: 2, StrideH: 2, StrideW: 2})
	}
	n := x.Dim(0)
	return e.fc.Forward(g, g.Reshape(x, n, x.Len()/n))
}

// Visit implements nn.Params.
func (e *encoder[T]) Visit(v nn.Visitor[T], prefix string) {
	for i := range blocks {
		e.conv[i].Visit(v, nn.Join(prefix, fmt.Sprintf("conv%d", i+1)))
		e.norm[i].Visit(v, nn.Join(prefix, fmt.Sprintf("bn%d", i+1)))
	}
	e.fc.Visit(v, nn.Join(prefix, "fc"))
}

// decoder is the mirror image of encoder: the features as a small map, and four 5×5
// convolutions, of which each but the last is followed by a norm, LeakyReLU and a doubling.
// The authors' transposed convolutions have stride 1, and are convolutions.
type decoder[T nn.Float] struct {
	side int // of the first map
	conv [blocks + 1]*nn.Conv2D[T]
	norm [blocks]*norm[T]
}

func newDecoder[T nn.Float](side, channels, features int) *decoder[T] {
	d := &decoder[T]{side: side >> blocks}
	in := features / (d.side * d.side)
	for i := range blocks {
		out := channels << (blocks - 1 - i)
		d.conv[i], d.norm[i] = conv5[T](in, out), newNorm[T](out)
		in = out
	}
	d.conv[blocks] = conv5[T](in, 3)
	return d
}

// Forward maps features to images [N side side 3].
func (d *decoder[T]) Forward(g *autograd.Graph[T], z *autograd.Tensor[T]) *autograd.Tensor[T] {
	x := g.LeakyReLU(g.Reshape(z, z.Dim(0), d.side, d.side, -1), slope)
	for i := range blocks {
		x = learn.Double(g, g.LeakyReLU(d.norm[i].Forward(g, d.conv[i].Forward(g, x)), slope))
	}
	return d.conv[blocks].Forward(g, x)
}

// Visit implements nn.Params.
func (d *decoder[T]) Visit(v nn.Visitor[T], prefix string) {
	for i := range d.conv {
		d.conv[i].Visit(v, nn.Join(prefix, fmt.Sprintf("deconv%d", i+1)))
	}
	for i := range d.norm {
		d.norm[i].Visit(v, nn.Join(prefix, fmt.Sprintf("bn%d", i+1)))
	}
}

func conv5[T nn.Float](in, out int) *nn.Conv2D[T] {
	return nn.NewConv2D[T](in, out, 5, 5, autograd.Conv{PadH: 2, PadW: 2}, nn.WithoutBias)
}

// norm is a batch norm without gain and shift.
type norm[T nn.Float] struct{ nn.BatchNorm2D[T] }

func newNorm[T nn.Float](c int) *norm[T] {
	n := &norm[T]{*nn.NewBatchNorm2D[T](c)}
	n.Weight, n.Bias = autograd.New[T](c), autograd.New[T](c) // no parameters
	for i := range c {
		n.Weight.Data()[i] = 1
	}
	n.Options.Eps = 1e-4
	return n
}

// Visit shows the running statistics alone.
func (n *norm[T]) Visit(v nn.Visitor[T], prefix string) { n.BatchNorm2D.Visit(buffers[T]{v}, prefix) }

// buffers passes on what is no parameter.
type buffers[T nn.Float] struct{ nn.Visitor[T] }

func (b buffers[T]) Entry(e nn.Entry[T]) {
	if e.Buffer {
		b.Visitor.Entry(e)
	}
}
