package equations

import (
	"fmt"

	"anomem"
	"anomem/autograd"
	"anomem/hopfield"
	"anomem/loss"
	"anomem/nn"
)

// problem is a stored case as arguments of the equations.
type problem[T autograd.Float] struct {
	g        *autograd.Graph[T]
	config   *config
	inputs   map[string]*autograd.Tensor[T]
	memory   hopfield.Config
	contrast loss.Contrast
	spread   loss.Spread
}

// newProblem reads a case's settings. inputs holds a tensor for each of its inputs.
func newProblem[T autograd.Float](g *autograd.Graph[T], c *config, inputs map[string]*autograd.Tensor[T]) (*problem[T], error) {
	p := &problem[T]{
		g: g, config: c, inputs: inputs,
		memory:   hopfield.Config{Beta: c.Beta, Updates: c.Updates, Eps: c.Eps},
		contrast: loss.DefaultContrast(),
		spread:   loss.DefaultSpread(),
	}
	var ok bool
	if p.memory.Similarity, ok = similarityNames[c.Similarity]; !ok {
		return nil, fmt.Errorf("similarity %q", c.Similarity)
	}
	if p.contrast.Pair, ok = pairNames[c.Pair]; !ok {
		return nil, fmt.Errorf("pair loss %q", c.Pair)
	}
	if c.Tau > 0 {
		p.contrast.Tau = c.Tau
	}
	p.spread.Hinge, p.spread.PerRow = c.Hinge, c.PerRow
	return p, nil
}

// The names of the stored cases.
var (
	similarityNames = map[string]hopfield.Similarity{"": hopfield.Unit, "unit": hopfield.Unit, "raw": hopfield.Raw, "layernorm": hopfield.LayerNorm}
	pairNames       = map[string]loss.Pair{"": loss.PairNTXent, "ntxent": loss.PairNTXent, "barlow": loss.PairBarlowTwins, "vicreg": loss.PairVICReg}
)

// evaluate computes the equation of a case.
func (p *problem[T]) evaluate(name string) (*autograd.Tensor[T], error) {
	f, ok := equations[T]()[name]
	if !ok {
		return nil, fmt.Errorf("no equation is called %q", name)
	}
	return f(p), nil
}

// equations returns the equations by the names of the stored cases.
func equations[T autograd.Float]() map[string]func(*problem[T]) *autograd.Tensor[T] {
	type arguments = problem[T]
	type tensor = autograd.Tensor[T]
	return map[string]func(p *arguments) *tensor{
		"retrieve": func(p *arguments) *tensor {
			return hopfield.Retrieve(p.g, p.inputs["z"], p.inputs["patterns"], p.memory)
		},
		"mem": func(p *arguments) *tensor {
			return hopfield.Mem(p.g, p.inputs["z"], p.config.Normal, p.inputs["patterns"], p.memory)
		},
		"deviation": func(p *arguments) *tensor { return p.deviation("") },
		"cosine_deviation": func(p *arguments) *tensor {
			_, cosine := hopfield.Deviations(p.g, p.inputs["z"], p.inputs["patterns"], p.memory)
			return cosine
		},
		"ntxent": func(p *arguments) *tensor {
			return loss.SimCLR(p.g, p.inputs["z"], p.inputs["zp"], p.contrast.Tau)
		},
		"contrasted": func(p *arguments) *tensor {
			return loss.Contrasted(p.g, p.inputs["z"], p.inputs["zp"], p.config.Normal, p.layer(""), p.contrast)
		},
		"variance": func(p *arguments) *tensor {
			return loss.Variance(p.g, p.inputs["z"], p.config.Normal, p.layer(""), p.spread)
		},
		"multiscale": func(p *arguments) *tensor {
			return loss.MultiScale(p.g, p.scales(), p.config.Normal, p.lossConfig())
		},
		"barlow": func(p *arguments) *tensor {
			return loss.BarlowTwins(p.g, p.inputs["z"], p.inputs["zp"], p.contrast.Barlow)
		},
		"vicreg": func(p *arguments) *tensor {
			return loss.VICReg(p.g, p.inputs["z"], p.inputs["zp"], p.contrast.VICReg)
		},
		"one_class": func(p *arguments) *tensor { return anomem.MapNorm(p.g, p.deviation("")) },
		"merged":    (*arguments).merged,
		"head":      (*arguments).head,
		"hinge": func(p *arguments) *tensor {
			return loss.HingeDistance(p.g, p.inputs["d1"], p.config.Normal, p.config.Margin)
		},
		"supervised": (*arguments).supervised,
	}
}

// gradMultiScale computes eq. 7 as training does and returns its value; the gradients are
// at the inputs.
func (p *problem[T]) gradMultiScale() *autograd.Tensor[T] {
	l := loss.GradMultiScale(p.g, p.scales(), p.config.Normal, p.lossConfig())
	return autograd.FromSlice([]T{l})
}

// layer returns the memory of the scale with the given suffix; "" is the only one.
func (p *problem[T]) layer(scale string) *hopfield.Memory[T] {
	return &hopfield.Memory[T]{Patterns: p.inputs["patterns"+scale], Config: p.memory}
}

// deviation is eq. 8 at the scale with the given suffix.
func (p *problem[T]) deviation(scale string) *autograd.Tensor[T] {
	return hopfield.Deviation(p.g, p.inputs["z"+scale], p.inputs["patterns"+scale], p.memory)
}

func (p *problem[T]) scales() []loss.Scale[T] {
	var scales []loss.Scale[T]
	for s, weight := range p.config.Weights {
		n := fmt.Sprint(s + 1)
		scale := loss.Scale[T]{Z: p.inputs["z"+n], Zp: p.inputs["zp"+n], Memory: p.layer(n), Weight: weight}
		for _, at := range p.config.Positions[s] {
			scale.Positions = append(scale.Positions, loss.Position{Y: at[0], X: at[1]})
		}
		scales = append(scales, scale)
	}
	return scales
}

func (p *problem[T]) lossConfig() loss.Config {
	return loss.Config{Contrast: p.contrast, Spread: p.spread, LambdaV: p.config.LambdaV, Pooled: p.config.Negatives == "pooled"}
}

// merged is eq. 13 of eq. 9 at each scale.
func (p *problem[T]) merged() *autograd.Tensor[T] {
	var scores []*autograd.Tensor[T]
	for s := range p.config.Weights {
		scores = append(scores, anomem.MapNorm(p.g, p.deviation(fmt.Sprint(s+1))))
	}
	return anomem.MergeScores(p.g, scores, p.config.Weights)
}

// head is eq. 10.
func (p *problem[T]) head() *autograd.Tensor[T] {
	h := anomem.Head[T]{
		Pool:   p.config.Pool,
		Hidden: &nn.Linear[T]{Weight: p.inputs["w1"], Bias: p.inputs["b1"]},
		Out:    &nn.Linear[T]{Weight: p.inputs["w2"], Bias: p.inputs["b2"]},
	}
	return h.Forward(p.g, p.deviation(""))
}

// supervised is eq. 12.
func (p *problem[T]) supervised() *autograd.Tensor[T] {
	var distances []*autograd.Tensor[T]
	for s := range len(p.inputs) {
		distances = append(distances, p.inputs[fmt.Sprintf("d%d", s+1)])
	}
	return loss.Supervised(p.g, distances, p.config.Normal, p.config.Margin)
}
