package resnet

import (
	"anomem/autograd"
	"anomem/nn"
)

// bottleneck is the block of ResNet-50 and -101, torchvision's Bottleneck: a 1×1
// convolution to planes channels, a 3×3 one with the stride, and a 1×1 one to
// 4·planes. (The paper has the stride in the first; in the second, known as version
// 1.5, every position of x is read.)
//
//	y = relu(x' + norm3(conv3(relu(norm2(conv2(relu(norm1(conv1(x)))))))))
type bottleneck[T nn.Float] struct {
	reduce, spatial, expand unit[T]
	shortcut                *unit[T] // maps x to x'; nil: x' is x
	zeroInit                bool
}

func newBottleneck[T nn.Float](in, planes, stride int, zeroInit bool) *bottleneck[T] {
	return &bottleneck[T]{
		reduce:   newUnit[T](in, planes, 1, 1),
		spatial:  newUnit[T](planes, planes, 3, stride),
		expand:   newUnit[T](planes, expansion*planes, 1, 1),
		shortcut: newShortcut[T](in, expansion*planes, stride),
		zeroInit: zeroInit,
	}
}

// Forward maps x [N H W in] to [N ⌈H/stride⌉ ⌈W/stride⌉ 4·planes].
func (b *bottleneck[T]) Forward(g *autograd.Graph[T], x *autograd.Tensor[T]) *autograd.Tensor[T] {
	reduced := b.reduce.forward(g, x, nil, true)
	inner := b.spatial.forward(g, reduced, nil, true)
	g.Discard(reduced)
	same := identity(g, b.shortcut, x)
	y := b.expand.forward(g, inner, same, true)
	g.Discard(inner)
	discardIdentity(g, b.shortcut, same)
	return y
}

// Visit shows "conv1", "bn1", "conv2", "bn2", "conv3", "bn3" and, where there is a
// shortcut, "downsample.0" and "downsample.1".
func (b *bottleneck[T]) Visit(v nn.Visitor[T], prefix string) {
	b.reduce.visit(v, prefix, "conv1", "bn1")
	b.spatial.visit(v, prefix, "conv2", "bn2")
	b.expand.visit(lastNorm(v, b.zeroInit), prefix, "conv3", "bn3")
	visitShortcut(b.shortcut, v, prefix)
}
