package nn

import "anomem/autograd"

// BatchNorm2D normalises each channel of a map, as PyTorch's nn.BatchNorm2d; see
// autograd.Graph.BatchNorm for the formulas. In training mode it uses the statistics of
// the batch and updates the running ones; in evaluation mode it uses the running ones.
type BatchNorm2D[T Float] struct {
	Weight, Bias            *autograd.Tensor[T] // γ and β, [C]
	RunningMean, RunningVar *autograd.Tensor[T] // [C]

	Options autograd.BatchNormOptions // Training is the mode; SetTraining changes it
}

// NewBatchNorm2D returns a layer for c channels in training mode, with momentum 0.1
// and eps 1e-5. γ and the running variance are 1, β and the running mean 0, even
// without Init.
func NewBatchNorm2D[T Float](c int) *BatchNorm2D[T] {
	l := &BatchNorm2D[T]{
		Weight: autograd.New[T](c).RequireGrad(), Bias: autograd.New[T](c).RequireGrad(),
		RunningMean: autograd.New[T](c), RunningVar: autograd.New[T](c),
		Options: autograd.BatchNormOptions{Training: true, Momentum: 0.1, Eps: 1e-5},
	}
	for i := range c {
		l.Weight.Data()[i], l.RunningVar.Data()[i] = 1, 1
	}
	return l
}

// Forward keeps the shape of x, whose last axis has length C.
func (l *BatchNorm2D[T]) Forward(g *autograd.Graph[T], x *autograd.Tensor[T]) *autograd.Tensor[T] {
	return g.BatchNorm(x, l.Weight, l.Bias, l.RunningMean, l.RunningVar, l.Options)
}

// Visit shows "weight", "bias", "running_mean" and "running_var".
func (l *BatchNorm2D[T]) Visit(v Visitor[T], prefix string) {
	v.Entry(Entry[T]{Name: Join(prefix, "weight"), Tensor: l.Weight, First: Ones})
	v.Entry(Entry[T]{Name: Join(prefix, "bias"), Tensor: l.Bias})
	v.Entry(Entry[T]{Name: Join(prefix, "running_mean"), Tensor: l.RunningMean, Buffer: true})
	v.Entry(Entry[T]{Name: Join(prefix, "running_var"), Tensor: l.RunningVar, Buffer: true, First: Ones})
	v.Mode(&l.Options.Training)
}
