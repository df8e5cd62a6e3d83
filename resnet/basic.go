package resnet

import (
	"anomem/autograd"
	"anomem/nn"
)

// basic is the block of ResNet-18 and -34, torchvision's BasicBlock: two 3×3
// convolutions, with the stride in the first.
//
//	y = relu(x' + norm2(conv2(relu(norm1(conv1(x))))))
type basic[T nn.Float] struct {
	first, second unit[T]
	shortcut      *unit[T] // maps x to x'; nil: x' is x
	zeroInit      bool
}

func newBasic[T nn.Float](in, planes, stride int, zeroInit bool) *basic[T] {
	return &basic[T]{
		first:    newUnit[T](in, planes, 3, stride),
		second:   newUnit[T](planes, planes, 3, 1),
		shortcut: newShortcut[T](in, planes, stride),
		zeroInit: zeroInit,
	}
}

// Forward maps x [N H W in] to [N ⌈H/stride⌉ ⌈W/stride⌉ planes].
func (b *basic[T]) Forward(g *autograd.Graph[T], x *autograd.Tensor[T]) *autograd.Tensor[T] {
	inner, same := b.first.forward(g, x, nil, true), identity(g, b.shortcut, x)
	y := b.second.forward(g, inner, same, true)
	g.Discard(inner)
	discardIdentity(g, b.shortcut, same)
	return y
}

// Visit shows "conv1", "bn1", "conv2", "bn2" and, where there is a shortcut,
// "downsample.0" and "downsample.1".
func (b *basic[T]) Visit(v nn.Visitor[T], prefix string) {
	b.first.visit(v, prefix, "conv1", "bn1")
	b.second.visit(lastNorm(v, b.zeroInit), prefix, "conv2", "bn2")
	visitShortcut(b.shortcut, v, prefix)
}
