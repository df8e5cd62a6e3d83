// Package coder has networks that squeeze images into a few numbers, and that make images of them,
// and what variational autoencoders are made of besides.
//
//	coder     the two networks, and an autoencoder of both
//	gaussian  normal distributions that a network gives: draws of them, and their divergence
package coder

import (
	"fmt"

	"anomem/autograd"
	"anomem/baseline/internal/learn"
	"anomem/nn"
)

// Shape describes both networks. Maps have Channels channels at half of the side, twice as many
// at a quarter, and so on.
type Shape struct {
	Side     int // of images, in pixels: a multiple of 2^Blocks
	Channels int
	Blocks   int  // convolutions, each of which halves or doubles the map
	Plain    bool // without batch norms, as a critic of single images needs to be
}

// Check returns an error, which begins with the detector's name, if a size does not fit.
func (s Shape) Check(name string) error {
	if m := 1 << s.Blocks; s.Channels < 1 || s.Side < m || s.Side%m != 0 {
		return fmt.Errorf("baseline: %s: %d channels, images of %d×%d: want some channels, and a side that is a multiple of %d", name, s.Channels, s.Side, s.Side, m)
	}
	return nil
}

// width returns the channels of the map after so many convolutions; 0: those of an image.
func (s Shape) width(blocks int) int {
	if blocks == 0 {
		return 3
	}
	return s.Channels << (blocks - 1)
}

// last returns the side of the smallest map.
func (s Shape) last() int { return s.Side >> s.Blocks }

// slope is that of LeakyReLU where its input is negative.
const slope = 0.2

// Encoder squeezes images: 3×3 convolutions of stride 2, each with a batch norm and LeakyReLU, and
// a linear layer.
type Encoder[T nn.Float] struct {
	shape Shape
	conv  []*nn.Conv2D[T]
	norm  []*nn.BatchNorm2D[T] // none if plain
	out   *nn.Linear[T]
}

// NewEncoder returns an encoder to so many features.
func NewEncoder[T nn.Float](s Shape, features int) *Encoder[T] {
	e := &Encoder[T]{shape: s, out: nn.NewLinear[T](s.last()*s.last()*s.width(s.Blocks), features)}
	for i := range s.Blocks {
		e.conv = append(e.conv, nn.NewConv2D[T](s.width(i), s.width(i+1), 3, 3, autograd.Conv{StrideH: 2, StrideW: 2, PadH: 1, PadW: 1}, biased(s.Plain)...))
		if !s.Plain {
			e.norm = append(e.norm, nn.NewBatchNorm2D[T](s.width(i+1)))
		}
	}
	return e
}

// biased returns the options of a convolution with a bias or, where a norm follows, without.
func biased(yes bool) []nn.LayerOption {
	if yes {
		return nil
	}
	return []nn.LayerOption{nn.WithoutBias}
}

// Forward maps images [N side side 3] to [N features].
func (e *Encoder[T]) Forward(g *autograd.Graph[T], x *autograd.Tensor[T]) *autograd.Tensor[T] {
	for i, c := range e.conv {
		if x = c.Forward(g, x); len(e.norm) > 0 {
			x = e.norm[i].Forward(g, x)
		}
		x = g.LeakyReLU(x, slope)
	}
	n := x.Dim(0)
	return e.out.Forward(g, g.Reshape(x, n, x.Len()/n))
}

// Visit implements nn.Params.
func (e *Encoder[T]) Visit(v nn.Visitor[T], prefix string) {
	for i := range e.conv {
		e.conv[i].Visit(v, nn.Join(prefix, fmt.Sprintf("conv%d", i+1)))
		if len(e.norm) > 0 {
			e.norm[i].Visit(v, nn.Join(prefix, fmt.Sprintf("bn%d", i+1)))
		}
	}
	e.out.Visit(v, nn.Join(prefix, "out"))
}

// Decoder makes images: a linear layer, and 3×3 convolutions, each after a doubling and all but
// the last with a batch norm and LeakyReLU.
type Decoder[T nn.Float] struct {
	shape Shape
	in    *nn.Linear[T]
	conv  []*nn.Conv2D[T]
	norm  []*nn.BatchNorm2D[T]
}

// NewDecoder returns a decoder of so many features.
func NewDecoder[T nn.Float](s Shape, features int) *Decoder[T] {
	d := &Decoder[T]{shape: s, in: nn.NewLinear[T](features, s.last()*s.last()*s.width(s.Blocks))}
	for i := s.Blocks; i > 0; i-- {
		d.conv = append(d.conv, nn.NewConv2D[T](s.width(i), s.width(i-1), 3, 3, autograd.Conv{PadH: 1, PadW: 1}, biased(i == 1)...))
		if i > 1 {
			d.norm = append(d.norm, nn.NewBatchNorm2D[T](s.width(i-1)))
		}
	}
	return d
}

// Forward maps features [N C] to images [N side side 3].
func (d *Decoder[T]) Forward(g *autograd.Graph[T], z *autograd.Tensor[T]) *autograd.Tensor[T] {
	side := d.shape.last()
	x := g.Reshape(g.LeakyReLU(d.in.Forward(g, z), slope), z.Dim(0), side, side, -1)
	for i, c := range d.conv {
		if x = c.Forward(g, learn.Double(g, x)); i < len(d.norm) {
			x = g.LeakyReLU(d.norm[i].Forward(g, x), slope)
		}
	}
	return x
}

// Frozen returns a decoder of the same weights, now and later, that passes gradients on but takes
// none. It keeps statistics of its own.
func (d *Decoder[T]) Frozen() *Decoder[T] {
	f := &Decoder[T]{shape: d.shape, in: &nn.Linear[T]{Weight: constant(d.in.Weight), Bias: constant(d.in.Bias)}}
	for _, c := range d.conv {
		f.conv = append(f.conv, &nn.Conv2D[T]{Weight: constant(c.Weight), Bias: constant(c.Bias), Conv: c.Conv})
	}
	for _, n := range d.norm {
		own := nn.NewBatchNorm2D[T](n.Weight.Len())
		own.Weight, own.Bias, own.Options = constant(n.Weight), constant(n.Bias), n.Options
		f.norm = append(f.norm, own)
	}
	return f
}

// constant returns a tensor with the memory of x that needs no gradient; nil of nil.
func constant[T nn.Float](x *autograd.Tensor[T]) *autograd.Tensor[T] {
	if x == nil {
		return nil
	}
	return autograd.FromSlice(x.Data(), x.Shape().Dims()...)
}

// Pair is an autoencoder.
type Pair[T nn.Float] struct {
	Encoder *Encoder[T]
	Decoder *Decoder[T]
}

// NewVariational returns a variational autoencoder with so many latent dimensions: the encoder
// gives what Split splits.
func NewVariational[T nn.Float](s Shape, latent int) *Pair[T] {
	return &Pair[T]{NewEncoder[T](s, 2*latent), NewDecoder[T](s, latent)}
}

// Visit implements nn.Params.
func (p *Pair[T]) Visit(v nn.Visitor[T], prefix string) {
	p.Encoder.Visit(v, nn.Join(prefix, "encoder"))
	p.Decoder.Visit(v, nn.Join(prefix, "decoder"))
}

// Visit implements nn.Params.
func (d *Decoder[T]) Visit(v nn.Visitor[T], prefix string) {
	d.in.Visit(v, nn.Join(prefix, "in"))
	for i := range d.conv {
		d.conv[i].Visit(v, nn.Join(prefix, fmt.Sprintf("conv%d", i+1)))
	}
	for i := range d.norm {
		d.norm[i].Visit(v, nn.Join(prefix, fmt.Sprintf("bn%d", i+1)))
	}
}
