package nn

import (
	"fmt"

	"anomem/autograd"
)

// Linear is the layer y = x·Wᵀ + b along the last axis.
type Linear[T Float] struct {
	Weight *autograd.Tensor[T] // [out in]
	Bias   *autograd.Tensor[T] // [out]; nil: none
}

// NewLinear returns a layer from in to out features. Init fills it as PyTorch's
// nn.Linear, weight and bias KaimingUniform; WithKaimingNormal has no effect. It panics
// if a size is negative or the weight's size overflows.
func NewLinear[T Float](in, out int, opts ...LayerOption) *Linear[T] {
	l := &Linear[T]{Weight: autograd.New[T](out, in).RequireGrad()}
	if collect(opts).bias {
		l.Bias = autograd.New[T](out).RequireGrad()
	}
	return l
}

// Forward maps x [... in] to [... out].
func (l *Linear[T]) Forward(g *autograd.Graph[T], x *autograd.Tensor[T]) *autograd.Tensor[T] {
	out, in := l.Weight.Dim(0), l.Weight.Dim(1)
	if x.Rank() == 0 || x.Dim(-1) != in {
		panic(fmt.Sprintf("nn: Linear: x %v and weight %v: the last axis must have length %d", x.Shape(), l.Weight.Shape(), in))
	}
	shape := x.Shape()
	if x.Rank() != 2 {
		rows := 1
		for i := range x.Rank() - 1 {
			rows *= x.Dim(i)
		}
		x = g.Reshape(x, rows, in)
	}
	y := g.MatMul(x, l.Weight, false, true)
	if l.Bias != nil {
		y = g.Add(y, l.Bias)
	}
	if shape.Rank() != 2 {
		var dims [autograd.MaxRank]int
		for i := range shape.Rank() - 1 {
			dims[i] = shape.Dim(i)
		}
		dims[shape.Rank()-1] = out
		y = g.Reshape(y, dims[:shape.Rank()]...)
	}
	return y
}

// Visit shows "weight" and "bias".
func (l *Linear[T]) Visit(v Visitor[T], prefix string) {
	first := KaimingUniform(l.Weight.Dim(1))
	v.Entry(Entry[T]{Name: Join(prefix, "weight"), Tensor: l.Weight, Decay: true, First: first})
	if l.Bias != nil {
		v.Entry(Entry[T]{Name: Join(prefix, "bias"), Tensor: l.Bias, First: first})
	}
}

// LayerOption changes how a Linear or Conv2D is made.
type LayerOption func(*layerOptions)

type layerOptions struct {
	bias   bool
	normal bool
}

func collect(opts []LayerOption) layerOptions {
	o := layerOptions{bias: true}
	for _, f := range opts {
		f(&o)
	}
	return o
}

// WithoutBias leaves the bias out.
func WithoutBias(o *layerOptions) { o.bias = false }

// WithKaimingNormal makes Init fill the weight of a Conv2D as torchvision's ResNets do, with
// KaimingNormal of fan_out. A bias stays as it is in PyTorch then, KaimingUniform.
func WithKaimingNormal(o *layerOptions) { o.normal = true }
