package mhrot

import (
	"anomem/autograd"
	"anomem/baseline/internal/learn"
	"anomem/nn"
	"anomem/resnet"
)

// network is a ResNet and the heads, which are one linear layer.
type network[T nn.Float] struct {
	encoder *resnet.ResNet[T]
	heads   *nn.Linear[T]
}

func newNetwork[T nn.Float](width float64) (*network[T], error) {
	e, err := resnet.New[T](resnet.Config{Depth: 18, Stem: resnet.Small, Width: width})
	if err != nil {
		return nil, err
	}
	return &network[T]{e, nn.NewLinear[T](e.Config().StageChannels()[3], learn.MoveLogits)}, nil
}

// Forward maps images [N side side 3] to the logits of all heads, [N 10].
func (n *network[T]) Forward(g *autograd.Graph[T], x *autograd.Tensor[T]) *autograd.Tensor[T] {
	return n.heads.Forward(g, n.encoder.Forward(g, x))
}

// Visit implements nn.Params.
func (n *network[T]) Visit(v nn.Visitor[T], prefix string) {
	n.encoder.Visit(v, nn.Join(prefix, "encoder"))
	n.heads.Visit(v, nn.Join(prefix, "heads"))
}
