package reversedistillation

import (
	"fmt"

	"anomem/autograd"
	"anomem/nn"
)

// unit is a convolution without bias and the norm of its result. Up makes it a transposed
// convolution of 2×2 with stride 2, which doubles the map.
type unit[T nn.Float] struct {
	conv *nn.Conv2D[T]
	norm *nn.BatchNorm2D[T]
	up   bool
}

// newUnit returns a unit with a kernel of size by size, padded so that stride 1 keeps the map's
// size.
func newUnit[T nn.Float](in, out, size, stride int) *unit[T] {
	c := autograd.Conv{StrideH: stride, StrideW: stride, PadH: size / 2, PadW: size / 2}
	return &unit[T]{
		conv: nn.NewConv2D[T](in, out, size, size, c, nn.WithoutBias, nn.WithKaimingNormal),
		norm: nn.NewBatchNorm2D[T](out),
	}
}

// newUp returns a unit that doubles the map. Since the patches of 2×2 do not overlap, it is a
// convolution of 1×1 to four times as many channels, which are then spread.
func newUp[T nn.Float](in, out int) *unit[T] {
	u := newUnit[T](in, 4*out, 1, 1)
	u.norm, u.up = nn.NewBatchNorm2D[T](out), true
	return u
}

// forward maps x [N H W in] to [N H' W' out], without a ReLU.
func (u *unit[T]) forward(g *autograd.Graph[T], x *autograd.Tensor[T]) *autograd.Tensor[T] {
	if x = u.conv.Forward(g, x); u.up {
		x = spread(g, x)
	}
	return u.norm.Forward(g, x)
}

// spread lays the channels of x [N H W 4C] out as squares of 2×2, row by row: [N 2H 2W C].
func spread[T autograd.Float](g *autograd.Graph[T], x *autograd.Tensor[T]) *autograd.Tensor[T] {
	n, h, w, c := x.Dim(0), x.Dim(1), x.Dim(2), x.Dim(3)/4
	y := g.Transpose(g.Reshape(x, n, h, w, 2, 2*c), 0, 1, 3, 2, 4)
	return g.Reshape(y, n, 2*h, 2*w, c)
}

// Visit implements nn.Params.
func (u *unit[T]) Visit(v nn.Visitor[T], prefix string) {
	u.conv.Visit(v, nn.Join(prefix, "conv"))
	u.norm.Visit(v, nn.Join(prefix, "bn"))
}

// block is a residual block of a ResNet: some units, each followed by a ReLU but for the last,
// to whose result x is added, or what a shortcut makes of it.
type block[T nn.Float] struct {
	units    []*unit[T]
	shortcut *unit[T] // nil: x itself
}

// resize is what the first block of a stage does to the map.
type resize int

const (
	keep   resize = iota
	halve         // by a stride of 2
	double        // by transposed convolutions
)

// sized returns the unit of a block that changes the size of the map.
func sized[T nn.Float](in, out, size int, r resize) *unit[T] {
	switch r {
	case halve:
		return newUnit[T](in, out, size, 2)
	case double:
		return newUp[T](in, out)
	}
	return newUnit[T](in, out, size, 1)
}

// newStage returns n blocks from maps of in channels to maps of out, of which the first does r.
// Bottlenecks have an inner width of a quarter of out.
func newStage[T nn.Float](bottleneck bool, n, in, out int, r resize) (all []*block[T]) {
	for range n {
		b := new(block[T])
		if inner := out / 4; bottleneck {
			b.units = []*unit[T]{newUnit[T](in, inner, 1, 1), sized[T](inner, inner, 3, r), newUnit[T](inner, out, 1, 1)}
		} else {
			b.units = []*unit[T]{sized[T](in, out, 3, r), newUnit[T](out, out, 3, 1)}
		}
		if in != out || r != keep {
			b.shortcut = sized[T](in, out, 1, r)
		}
		all = append(all, b)
		in, r = out, keep
	}
	return all
}

// Forward maps x [N H W in] to [N H' W' out].
func (b *block[T]) Forward(g *autograd.Graph[T], x *autograd.Tensor[T]) *autograd.Tensor[T] {
	y, same := x, x
	for i, u := range b.units {
		if y = u.forward(g, y); i+1 < len(b.units) {
			y = g.ReLU(y)
		}
	}
	if b.shortcut != nil {
		same = b.shortcut.forward(g, x)
	}
	return g.ReLU(g.Add(y, same))
}

// Visit implements nn.Params.
func (b *block[T]) Visit(v nn.Visitor[T], prefix string) {
	for i, u := range b.units {
		u.Visit(v, nn.Join(prefix, fmt.Sprint(i+1)))
	}
	if b.shortcut != nil {
		b.shortcut.Visit(v, nn.Join(prefix, "shortcut"))
	}
}
