package nn

import "anomem/autograd"

// Conv2D is a two-dimensional convolution, as PyTorch's nn.Conv2d without groups and
// dilation.
type Conv2D[T Float] struct {
	Weight *autograd.Tensor[T] // [KH KW in out]; in files [out in KH KW]
	Bias   *autograd.Tensor[T] // [out]; nil: none
	Conv   autograd.Conv       // strides and padding

	normal bool // Init fills the weight with KaimingNormal
}

// NewConv2D returns a convolution from in to out channels with a kernel of kh by kw
// positions. Init fills it as PyTorch's nn.Conv2d, weight and bias KaimingUniform,
// unless an option says otherwise. It panics if a size is negative or the weight's size
// overflows.
func NewConv2D[T Float](in, out, kh, kw int, c autograd.Conv, opts ...LayerOption) *Conv2D[T] {
	o := collect(opts)
	l := &Conv2D[T]{Weight: autograd.New[T](kh, kw, in, out).RequireGrad(), Conv: c, normal: o.normal}
	if o.bias {
		l.Bias = autograd.New[T](out).RequireGrad()
	}
	return l
}

// Forward maps x [N H W in] to [N H' W' out].
func (l *Conv2D[T]) Forward(g *autograd.Graph[T], x *autograd.Tensor[T]) *autograd.Tensor[T] {
	return g.Conv2D(x, l.Weight, l.Bias, l.Conv)
}

// Visit shows "weight" and "bias".
func (l *Conv2D[T]) Visit(v Visitor[T], prefix string) {
	kernel, in, out := l.Weight.Dim(0)*l.Weight.Dim(1), l.Weight.Dim(2), l.Weight.Dim(3)
	first := KaimingUniform(in * kernel)
	weight := first
	if l.normal {
		weight = KaimingNormal(out * kernel)
	}
	v.Entry(Entry[T]{Name: Join(prefix, "weight"), Tensor: l.Weight, Decay: true, Layout: ConvWeight, First: weight})
	if l.Bias != nil {
		v.Entry(Entry[T]{Name: Join(prefix, "bias"), Tensor: l.Bias, First: first})
	}
}
