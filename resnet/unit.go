package resnet

import (
	"anomem/autograd"
	"anomem/nn"
)

// unit is a convolution without bias and the norm of its result. Freezing folds it into
// one convolution.
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

// forward maps x [N H W in] to [N H' W' out], adds residual unless that is nil, and
// applies a ReLU if relu is set.
func (u *unit[T]) forward(g *autograd.Graph[T], x, residual *autograd.Tensor[T], relu bool) *autograd.Tensor[T] {
	n := autograd.Norm[T]{
		Gamma: u.norm.Weight, Beta: u.norm.Bias,
		RunningMean: u.norm.RunningMean, RunningVar: u.norm.RunningVar,
		Options: u.norm.Options,
	}
	return g.ConvNorm(x, u.conv.Weight, u.conv.Conv, n, residual, relu)
}

// visit shows the convolution and the norm under the given names.
func (u *unit[T]) visit(v nn.Visitor[T], prefix, conv, norm string) {
	u.conv.Visit(v, nn.Join(prefix, conv))
	u.norm.Visit(v, nn.Join(prefix, norm))
}
