package nn

import "anomem/autograd"

// Float is the type of a tensor's elements.
type Float = autograd.Float

// Params holds parameters and buffers, which can be initialised, saved, loaded and
// optimised: a layer, a network, or a set of them without a forward pass of its own.
type Params[T Float] interface {
	// Visit shows v all parameters, buffers and mode switches, in a fixed order. Names
	// begin with prefix, which is empty for a whole network; see Join.
	Visit(v Visitor[T], prefix string)
}

// Module is a layer, or a network of them.
type Module[T Float] interface {
	Params[T]

	// Forward computes the result for x on g, in the mode that SetTraining set. In
	// evaluation mode any number of goroutines may call it, each with its own graph.
	Forward(g *autograd.Graph[T], x *autograd.Tensor[T]) *autograd.Tensor[T]
}

// Visitor receives what a Params holds.
type Visitor[T Float] interface {
	// Entry is called with each parameter and each buffer.
	Entry(e Entry[T])
	// Mode is called with each switch that makes a layer train (true) or evaluate.
	Mode(training *bool)
}

// Entry is a parameter, which an optimiser changes, or a buffer, which the layer
// itself changes.
type Entry[T Float] struct {
	Name   string // as in PyTorch: "layer1.0.conv1.weight"
	Tensor *autograd.Tensor[T]
	Buffer bool
	Decay  bool   // an optimiser's weight decay applies: weights, but not biases and norms
	Layout Layout // in files
	First  Values // Init fills the tensor by it
}

// Join returns prefix.name, the name of an entry of the module called prefix, or name
// if prefix is empty.
func Join(prefix, name string) string {
	if prefix == "" {
		return name
	}
	return prefix + "." + name
}

// Entries returns the parameters and buffers of m, in the order of Visit.
func Entries[T Float](m Params[T], prefix string) []Entry[T] {
	var c collector[T]
	m.Visit(&c, prefix)
	return c.entries
}

// Parameters returns the parameters of m, in the order of Visit.
func Parameters[T Float](m Params[T]) []Entry[T] {
	var params []Entry[T]
	for _, e := range Entries(m, "") {
		if !e.Buffer {
			params = append(params, e)
		}
	}
	return params
}

type collector[T Float] struct{ entries []Entry[T] }

func (c *collector[T]) Entry(e Entry[T]) { c.entries = append(c.entries, e) }
func (c *collector[T]) Mode(*bool)       {}

// SetTraining puts every layer of m into training (true) or evaluation mode. New
// layers are in training mode, as in PyTorch.
func SetTraining[T Float](m Params[T], training bool) {
	m.Visit(modeSetter[T](training), "")
}

type modeSetter[T Float] bool

func (s modeSetter[T]) Entry(Entry[T])      {}
func (s modeSetter[T]) Mode(training *bool) { *training = bool(s) }

// ZeroGrad sets the gradients of all parameters to zero.
func ZeroGrad[T Float](params []Entry[T]) {
	for _, p := range params {
		p.Tensor.ZeroGrad()
	}
}
