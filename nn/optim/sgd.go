package optim

import (
	"math"

	"anomem/nn"
	"anomem/simd"
)

// SGD is stochastic gradient descent with Nesterov's momentum. Weight decay applies only
// to weights, not to norms, biases and patterns.
type SGD[T nn.Float] struct {
	Momentum, WeightDecay float64

	params   []nn.Entry[T]
	velocity [][]T
}

// NewSGD returns an optimiser for the parameters of m, with velocity 0.
func NewSGD[T nn.Float](m nn.Params[T], momentum, weightDecay float64) *SGD[T] {
	o := &SGD[T]{Momentum: momentum, WeightDecay: weightDecay, params: nn.Parameters(m)}
	for _, p := range o.params {
		o.velocity = append(o.velocity, make([]T, p.Tensor.Len()))
	}
	return o
}

// Step updates the parameters by their gradients at learning rate lr. It leaves
// parameters without a gradient as they are.
func (o *SGD[T]) Step(lr float64) {
	for i, p := range o.params {
		g := p.Tensor.Grad()
		if g == nil {
			continue
		}
		decay := 0.0
		if p.Decay {
			decay = o.WeightDecay
		}
		simd.SGDNesterov(p.Tensor.Data(), g, o.velocity[i], T(lr), T(o.Momentum), T(decay))
	}
}

// Velocity is the momentum of a parameter, for checkpoints.
type Velocity[T nn.Float] struct {
	Name  string // the parameter's
	Value []T    // in the optimiser's memory
}

// Velocities returns the state of the optimiser, in the order of the parameters.
func (o *SGD[T]) Velocities() []Velocity[T] {
	var all []Velocity[T]
	for i, p := range o.params {
		all = append(all, Velocity[T]{p.Name, o.velocity[i]})
	}
	return all
}

// ZeroGrad sets all gradients to zero.
func (o *SGD[T]) ZeroGrad() { nn.ZeroGrad(o.params) }

// GradNorm returns the Euclidean norm of the gradient of all parameters.
func (o *SGD[T]) GradNorm() float64 {
	var sum float64
	for _, p := range o.params {
		sum += float64(simd.SumSq(p.Tensor.Grad()))
	}
	return math.Sqrt(sum)
}
