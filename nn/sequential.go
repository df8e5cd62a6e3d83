package nn

import (
	"strconv"

	"anomem/autograd"
)

// Sequential is a list of modules applied one after another, named by their numbers
// from 0.
type Sequential[T Float] []Module[T]

// NewSequential returns the modules in this order.
func NewSequential[T Float](modules ...Module[T]) Sequential[T] { return modules }

// Forward applies the modules in order.
func (s Sequential[T]) Forward(g *autograd.Graph[T], x *autograd.Tensor[T]) *autograd.Tensor[T] {
	for _, m := range s {
		x = m.Forward(g, x)
	}
	return x
}

// Visit visits the modules as "0", "1" and so on.
func (s Sequential[T]) Visit(v Visitor[T], prefix string) {
	for i, m := range s {
		m.Visit(v, Join(prefix, strconv.Itoa(i)))
	}
}

// NewMLP returns a multi-layer perceptron: a Linear between each two of the sizes,
// with a ReLU between each two Linears. Its names are those of an nn.Sequential
// of the same layers: "0.weight", "0.bias", "2.weight" and so on. It panics if there
// are fewer than two sizes.
func NewMLP[T Float](sizes ...int) Sequential[T] {
	if len(sizes) < 2 {
		panic("nn: NewMLP: want at least two sizes")
	}
	var s Sequential[T]
	for i := range len(sizes) - 1 {
		if i > 0 {
			s = append(s, ReLU[T]{})
		}
		s = append(s, NewLinear[T](sizes[i], sizes[i+1]))
	}
	return s
}
