package resnet

import (
	"anomem/autograd"
	"anomem/nn"
)

// unit is a convolution without bias and the norm of its result: what the network
// consists of, and what becomes one convolution where the norm is folded into it.
type unit[T nn.Float] struct {
	conv *nn.Conv2D[T]
	norm *nn.BatchNorm2D[T]
}

// newUnit returns a unit with a kernel of size by size, padded so that stride 1 keeps
// the size of the map.
func newUnit[T nn.Float](in, out, size, stride int) unit[T] {
	pad := size / 2
	c := autograd.Conv{StrideH: stride, StrideW: stride, PadH: pad, PadW: pad}
	return unit[T]{
		nn.NewConv2D[T](in, out, size, size, c, nn.WithoutBias, nn.WithKaimingNormal),
		nn.NewBatchNorm2D[T](out),
	}
}

func (u *unit[T]) forward(g *autograd.Graph[T], x *autograd.Tensor[T]) *autograd.Tensor[T] {
	return u.norm.Forward(g, u.conv.Forward(g, x))
}

// visit shows the convolution and the norm under the given names.
func (u *unit[T]) visit(v nn.Visitor[T], prefix, conv, norm string) {
	u.conv.Visit(v, nn.Join(prefix, conv))
	u.norm.Visit(v, nn.Join(prefix, norm))
}
