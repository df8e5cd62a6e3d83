package resnet

import (
	"anomem/autograd"
	"anomem/nn"
)

// newShortcut returns the 1×1 convolution and norm around a block that changes the
// size of its map or the number of channels, and nil for another, whose x' is x.
func newShortcut[T nn.Float](in, out, stride int) *unit[T] {
	if in == out && stride == 1 {
		return nil
	}
	u := newUnit[T](in, out, 1, stride)
	return &u
}

// identity returns x', which a block adds to the result of its convolutions.
func identity[T nn.Float](g *autograd.Graph[T], shortcut *unit[T], x *autograd.Tensor[T]) *autograd.Tensor[T] {
	if shortcut == nil {
		return x
	}
	return shortcut.forward(g, x, nil, false)
}

// discardIdentity discards x' once it has been added, unless it is x.
func discardIdentity[T nn.Float](g *autograd.Graph[T], shortcut *unit[T], same *autograd.Tensor[T]) {
	if shortcut != nil {
		g.Discard(same)
	}
}

func visitShortcut[T nn.Float](shortcut *unit[T], v nn.Visitor[T], prefix string) {
	if shortcut != nil {
		shortcut.visit(v, nn.Join(prefix, "downsample"), "0", "1")
	}
}
