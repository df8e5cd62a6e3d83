package resnet

import (
	"fmt"

	"anomem/autograd"
	"anomem/nn"
)

// ResNet is a residual network: an nn.Module. In evaluation mode any number of
// goroutines may use one, each with a graph of its own.
type ResNet[T nn.Float] struct {
	config Config
	stem   stem[T]
	stages [4]nn.Sequential[T]
	fc     *nn.Linear[T] // nil: no head
}

// New returns the network that c describes, in training mode. Its first values come from
// Load or from nn.Init, which follows torchvision (convolutions nn.KaimingNormal, norms
// 1 and 0, fc nn.KaimingUniform). The error is that of Validate.
func New[T nn.Float](c Config) (*ResNet[T], error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	c = c.withDefaults()
	in := c.planes(0)
	r := &ResNet[T]{config: c, stem: newStem[T](c.Stem, c.Channels, in)}
	for s, out := range c.StageChannels() {
		r.stages[s] = newStage[T](c, s, in)
		in = out
	}
	if c.Classes > 0 {
		r.fc = nn.NewLinear[T](in, c.Classes)
	}
	return r, nil
}

// Config returns the configuration of the network, with defaults filled in.
func (r *ResNet[T]) Config() Config { return r.config }

// Forward maps images x [N H W Channels] to logits [N Classes] or, without a head, to
// the mean over the positions of the last map, [N C].
func (r *ResNet[T]) Forward(g *autograd.Graph[T], x *autograd.Tensor[T]) *autograd.Tensor[T] {
	y := r.begin(g, x)
	for s := range r.stages {
		y = r.stage(g, s, y, true)
	}
	out := r.Head(g, y)
	g.Discard(y)
	return out
}

// Stages maps images x [N H W Channels] to the maps after each of the four stages,
// [N H₁ W₁ C₁] to [N H₄ W₄ C₄]. H₁ is H with the small stem and ⌈⌈H/2⌉/2⌉ with the
// ImageNet stem; each further stage halves it, rounded up. Config.StageChannels returns
// C₁ to C₄. It panics if x has another shape.
func (r *ResNet[T]) Stages(g *autograd.Graph[T], x *autograd.Tensor[T]) [4]*autograd.Tensor[T] {
	var maps [4]*autograd.Tensor[T]
	y := r.begin(g, x)
	for s := range r.stages {
		y = r.stage(g, s, y, s == 0)
		maps[s] = y
	}
	return maps
}

// begin returns the result of the stem.
func (r *ResNet[T]) begin(g *autograd.Graph[T], x *autograd.Tensor[T]) *autograd.Tensor[T] {
	if x.Rank() != 4 || x.Dim(3) != r.config.Channels {
		panic(fmt.Sprintf("resnet: Stages: x %v: want [N H W %d]", x.Shape(), r.config.Channels))
	}
	return r.stem.forward(g, x)
}

// stage returns the map after stage s for x, the map before it. It discards the maps
// between the blocks, and x if giveUp is set: Backward computes them again.
func (r *ResNet[T]) stage(g *autograd.Graph[T], s int, x *autograd.Tensor[T], giveUp bool) *autograd.Tensor[T] {
	for i, block := range r.stages[s] {
		y := block.Forward(g, x)
		if i > 0 || giveUp {
			g.Discard(x)
		}
		x = y
	}
	return x
}

// Head maps the last of the maps that Stages returns, [N H₄ W₄ C₄], to what Forward
// returns.
func (r *ResNet[T]) Head(g *autograd.Graph[T], last *autograd.Tensor[T]) *autograd.Tensor[T] {
	y := g.GlobalAvgPool(last)
	if r.fc != nil {
		y = r.fc.Forward(g, y)
	}
	return y
}

// Visit shows everything under torchvision's names: "conv1", "bn1", "layer1.0.conv1"
// and so on, "fc".
func (r *ResNet[T]) Visit(v nn.Visitor[T], prefix string) {
	r.stem.unit.visit(v, prefix, "conv1", "bn1")
	for s := range r.stages {
		r.stages[s].Visit(v, nn.Join(prefix, fmt.Sprintf("layer%d", s+1)))
	}
	if r.fc != nil {
		r.fc.Visit(v, nn.Join(prefix, "fc"))
	}
}
