package autograd

import (
	"fmt"

	"anomem/simd"
)

// Float is the type of a tensor's elements.
type Float = simd.Float

// Tensor is a dense, row-major, contiguous array, with the gradient of a loss with
// respect to it if one is wanted.
//
// A tensor made by New or FromSlice owns its memory. One that a Graph returns
// lives in the graph's memory and must not be used after the graph's Reset.
type Tensor[T Float] struct {
	data  []T
	grad  []T // nil until something is added to it
	shape Shape
	base  *Tensor[T] // whose data and gradient these are, in another shape
	needs bool       // a gradient is wanted
	arena bool       // data belongs to a graph

	memory     block // of data, if they are the tensor's own in a graph
	gradMemory block // of grad, likewise
	borrowed   bool  // grad is the caller's, and must not be written
	at         int   // the node that made it is number at-1 of the tape; 0: none did
	used       bool  // a node has it as an input
	viewed     bool  // another tensor shares its data
	discarded  bool  // by Discard; data is nil then, except while Backward needs it
}

// New returns a tensor of zeros that owns its memory.
func New[T Float](dims ...int) *Tensor[T] {
	s := MakeShape(dims...)
	return &Tensor[T]{data: make([]T, s.Size()), shape: s}
}

// FromSlice returns a tensor around data, row-major, without copying it. It panics
// if the shape does not hold exactly len(data) elements.
func FromSlice[T Float](data []T, dims ...int) *Tensor[T] {
	s := MakeShape(dims...)
	if len(data) != s.Size() {
		panic(fmt.Sprintf("autograd: FromSlice: %d elements for shape %v", len(data), s))
	}
	return &Tensor[T]{data: data, shape: s}
}

// Data returns the elements, row-major: the tensor's own memory, not a copy.
func (t *Tensor[T]) Data() []T { return t.data }

// Grad returns the gradient, laid out as Data, or nil if none has reached the tensor.
// Only leaves keep theirs: Backward frees the gradient of an intermediate result once
// it has passed it on.
func (t *Tensor[T]) Grad() []T { return t.grad }

// Shape returns the dimensions.
func (t *Tensor[T]) Shape() Shape { return t.shape }

// Dim returns dimension i; -1 is the last one.
func (t *Tensor[T]) Dim(i int) int { return t.shape.Dim(i) }

// Rank returns the number of dimensions.
func (t *Tensor[T]) Rank() int { return t.shape.rank }

// Len returns the number of elements.
func (t *Tensor[T]) Len() int { return t.shape.Size() }

// Item returns the one element of a tensor of size 1. It panics for another size.
func (t *Tensor[T]) Item() T {
	if len(t.data) != 1 {
		panic(fmt.Sprintf("autograd: Item: shape %v holds %d elements", t.shape, len(t.data)))
	}
	return t.data[0]
}

// RequireGrad marks t as a leaf, whose gradient Backward computes, and returns t. The
// gradient stays and accumulates until ZeroGrad or, if t lives in a graph's memory,
// until the graph's Reset.
func (t *Tensor[T]) RequireGrad() *Tensor[T] {
	t.needs = true
	return t
}

// RequiresGrad reports whether Backward computes a gradient for t: t is a leaf marked
// so, or was computed from one while recording.
func (t *Tensor[T]) RequiresGrad() bool { return t.needs }

// ZeroGrad sets the gradient to zero, if there is one.
func (t *Tensor[T]) ZeroGrad() { clear(t.grad) }

// AccGrad returns the buffer to which an operation adds its share of the gradient of t,
// or nil if t needs none. It is zero at first use. It belongs to t if t is a leaf that
// owns its memory, and otherwise to g.
func (t *Tensor[T]) AccGrad(g *Graph[T]) []T {
	d, fresh := t.gradFor(g)
	if fresh {
		clear(d)
	}
	return d
}
