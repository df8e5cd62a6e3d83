package ssdgm

import (
	"math"

	"anomem/autograd"
	"anomem/baseline/internal/coder"
	"anomem/baseline/internal/learn"
	"anomem/nn"
)

// The labels.
const (
	normal = iota
	anomalous
	labels
)

// labelled is M2: a variational autoencoder of features z₁ with a label y.
type labelled[T nn.Float] struct {
	classify nn.Sequential[T] // q(y|z₁)
	encode   nn.Sequential[T] // q(z₂|z₁, y)
	decode   nn.Sequential[T] // p(z₁|y, z₂)
}

func newLabelled[T nn.Float](features, latent, hidden int) *labelled[T] {
	return &labelled[T]{
		nn.NewMLP[T](features, hidden, labels),
		nn.NewMLP[T](features+labels, hidden, 2*latent),
		nn.NewMLP[T](latent+labels, hidden, 2*features),
	}
}

// Visit implements nn.Params.
func (l *labelled[T]) Visit(v nn.Visitor[T], prefix string) {
	l.classify.Visit(v, nn.Join(prefix, "classify"))
	l.encode.Visit(v, nn.Join(prefix, "encode"))
	l.decode.Visit(v, nn.Join(prefix, "decode"))
}

// bound returns L(z₁, y) of each row of features z [N C] with its label, as [N], eq. 6 of the paper
// with one draw of z₂ and both labels equally likely:
//
//	-ln p(z₁|y, z₂) - ln p(y) + KL(q(z₂|z₁, y) ‖ N(0, 1))
func (l *labelled[T]) bound(g *autograd.Graph[T], z *autograd.Tensor[T], class []int, noise *autograd.Tensor[T]) *autograd.Tensor[T] {
	y := oneHot(g, class)
	mean, logs := coder.Split(g, l.encode.Forward(g, g.Concat(1, z, y)))
	far := coder.Divergence(g, mean, logs, 0)
	m, s := coder.Split(g, l.decode.Forward(g, g.Concat(1, coder.Draw(g, mean, logs, noise), y)))
	return g.AddConst(g.Add(surprise(g, z, m, s), far), T(math.Log(labels)))
}

// surprise returns -ln N(z; mean, exp(logs)) of each row [N C], as [N].
func surprise[T autograd.Float](g *autograd.Graph[T], z, mean, logs *autograd.Tensor[T]) *autograd.Tensor[T] {
	square := g.Mul(g.Square(g.Sub(z, mean)), g.Exp(g.Neg(logs)))
	each := g.AddConst(g.Add(square, logs), T(math.Log(2*math.Pi)))
	return g.Scale(g.Sum(each, false, 1), 0.5)
}

// oneHot returns labels as [N labels].
func oneHot[T autograd.Float](g *autograd.Graph[T], class []int) *autograd.Tensor[T] {
	y := g.NewTensor(len(class), labels)
	clear(y.Data())
	for i, k := range class {
		y.Data()[i*labels+k] = 1
	}
	return y
}

// labelledLoss is the mean over rows z [N C] with labels of
//
//	L(z₁, y) - α·ln q(y|z₁)
func (l *labelled[T]) labelledLoss(g *autograd.Graph[T], z *autograd.Tensor[T], class []int, noise *autograd.Tensor[T], alpha float64) *autograd.Tensor[T] {
	told := learn.CrossEntropy(g, l.classify.Forward(g, z), class)
	return g.Add(g.Mean(l.bound(g, z, class, noise), false), g.Scale(told, T(alpha)))
}

// unlabelledLoss is the mean over rows z [N C] without labels of eq. 7 of the paper,
//
//	Σ_y q(y|z₁)·(L(z₁, y) + ln q(y|z₁))
//
// with a draw of noise for each label.
func (l *labelled[T]) unlabelledLoss(g *autograd.Graph[T], z *autograd.Tensor[T], noise ...*autograd.Tensor[T]) *autograd.Tensor[T] {
	n := z.Dim(0)
	logs := g.LogSoftmax(l.classify.Forward(g, z), 1)
	var bounds []*autograd.Tensor[T]
	for y := range labels {
		class := make([]int, n)
		for i := range class {
			class[i] = y
		}
		bounds = append(bounds, g.Reshape(l.bound(g, z, class, noise[y]), n, 1))
	}
	each := g.Mul(g.Exp(logs), g.Add(g.Concat(1, bounds...), logs))
	return g.Mean(g.Sum(each, false, 1), false)
}
