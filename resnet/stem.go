package resnet

import (
	"fmt"

	"anomem/autograd"
	"anomem/nn"
)

// Stem is the kind of layers before the stages.
type Stem uint8

const (
	// ImageNet is a 7×7 convolution of stride 2 and a 3×3 maximum of stride 2: the map
	// of stage 1 has a quarter of the image's height and width.
	ImageNet Stem = iota
	// Small, for images of about 32 × 32, is a 3×3 convolution of stride 1: the map of
	// stage 1 has the image's height and width.
	Small
)

// String returns "imagenet" or "small".
func (s Stem) String() string {
	switch s {
	case ImageNet:
		return "imagenet"
	case Small:
		return "small"
	}
	return fmt.Sprintf("Stem(%d)", uint8(s))
}

// stemPool is the maximum of the ImageNet stem.
var stemPool = autograd.Window{H: 3, W: 3, StrideH: 2, StrideW: 2, PadH: 1, PadW: 1}

// stem is conv1 and bn1, followed by the maximum if pool is set.
type stem[T nn.Float] struct {
	unit unit[T]
	pool bool
}

func newStem[T nn.Float](kind Stem, in, out int) stem[T] {
	if kind == Small {
		return stem[T]{newUnit[T](in, out, 3, 1), false}
	}
	return stem[T]{newUnit[T](in, out, 7, 2), true}
}

func (s *stem[T]) forward(g *autograd.Graph[T], x *autograd.Tensor[T]) *autograd.Tensor[T] {
	y := s.unit.forward(g, x, nil, true)
	if s.pool {
		wide := y
		y = g.MaxPool(wide, stemPool)
		g.Discard(wide)
	}
	return y
}
