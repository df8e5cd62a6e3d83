package mhrot

import (
	"anomem/autograd"
	"anomem/baseline/internal/learn"
	"anomem/nn"
	"anomem/resnet"
)

// head is a classifier of one part of a move.
type head struct {
	from, to int // its logits, among those of all heads
	class    func(learn.Move) int
}

var heads = []head{
	{0, 4, func(m learn.Move) int { return m.Quarters }},
	{4, 7, func(m learn.Move) int { return learn.Class(m.Y) }},
	{7, 10, func(m learn.Move) int { return learn.Class(m.X) }},
}

// network is a ResNet and the heads, which are one linear layer.
type network[T nn.Float] struct {
	encoder *resnet.ResNet[T]
	heads   *nn.Linear[T]
}

func newNetwork[T nn.Float](width float64) (*network[T], error) {
	e, err := resnet.New[T](resnet.Config{Depth: 18, Stem: resnet.Small, Width: width})
	if err != nil {
		return nil, err
	}
	return &network[T]{e, nn.NewLinear[T](e.Config().StageChannels()[3], heads[len(heads)-1].to)}, nil
}

// Forward maps images [N side side 3] to the logits of all heads, [N 10].
func (n *network[T]) Forward(g *autograd.Graph[T], x *autograd.Tensor[T]) *autograd.Tensor[T] {
	return n.heads.Forward(g, n.encoder.Forward(g, x))
}

// Visit implements nn.Params.
func (n *network[T]) Visit(v nn.Visitor[T], prefix string) {
	n.encoder.Visit(v, nn.Join(prefix, "encoder"))
	n.heads.Visit(v, nn.Join(prefix, "heads"))
}

// loss is the sum of the heads' cross-entropies, each a mean over the rows of logits [N 10].
func loss[T autograd.Float](g *autograd.Graph[T], logits *autograd.Tensor[T], moves []learn.Move) *autograd.Tensor[T] {
	var sum *autograd.Tensor[T]
	for _, h := range heads {
		class := make([]int, len(moves))
		for i, m := range moves {
			class[i] = h.class(m)
		}
		l := learn.CrossEntropy(g, g.Slice(logits, 1, h.from, h.to), class)
		if sum == nil {
			sum = l
		} else {
			sum = g.Add(sum, l)
		}
	}
	return sum
}

// surprise is the score of an image whose moved copies have the given logits:
//
//	1 - 1/3M Σ_m (p_turn(m) + p_vertical(m) + p_horizontal(m))
//
// over all M moves m: the negative of the paper's sum, scaled to 0 to 1.
func surprise(g *learn.Graph, logits *learn.Tensor, moves []learn.Move) float64 {
	sum := 0.
	for _, h := range heads {
		p := g.Softmax(g.Slice(logits, 1, h.from, h.to), 1)
		for i, m := range moves {
			sum += float64(p.Data()[i*(h.to-h.from)+h.class(m)])
		}
	}
	return 1 - sum/float64(len(heads)*len(moves))
}
