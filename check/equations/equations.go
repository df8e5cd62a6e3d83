package equations

import (
	"fmt"

	"anomem"
	"anomem/autograd"
	"anomem/hopfield"
	"anomem/loss"
	"anomem/nn"
)

// evaluate computes a fixture's equation. inputs holds a tensor for each of its inputs.
func evaluate[T autograd.Float](g *autograd.Graph[T], f *fixture, inputs map[string]*autograd.Tensor[T]) (*autograd.Tensor[T], error) {
	c := &f.Config
	memory := hopfield.Config{Beta: c.Beta, Updates: c.Updates, Eps: c.Eps}
	switch c.Similarity {
	case "", "unit":
	case "raw":
		memory.Similarity = hopfield.Raw
	case "layernorm":
		memory.Similarity = hopfield.LayerNorm
	default:
		return nil, fmt.Errorf("similarity %q", c.Similarity)
	}
	contrast := loss.DefaultContrast()
	if c.Tau > 0 {
		contrast.Tau = c.Tau
	}
	switch c.Pair {
	case "", "ntxent":
	case "barlow":
		contrast.Pair = loss.PairBarlowTwins
	case "vicreg":
		contrast.Pair = loss.PairVICReg
	default:
		return nil, fmt.Errorf("pair loss %q", c.Pair)
	}
	spread := loss.DefaultSpread()
	spread.Hinge, spread.PerRow = c.Hinge, c.PerRow
	layer := func(name string) *hopfield.Memory[T] {
		return &hopfield.Memory[T]{Patterns: inputs[name], Config: memory}
	}
	z, zp, patterns := inputs["z"], inputs["zp"], inputs["patterns"]

	switch f.Func {
	case "retrieve":
		return hopfield.Retrieve(g, z, patterns, memory), nil
	case "mem":
		return hopfield.Mem(g, z, c.Normal, patterns, memory), nil
	case "deviation":
		return hopfield.Deviation(g, z, patterns, memory), nil
	case "cosine_deviation":
		_, cosine := hopfield.Deviations(g, z, patterns, memory)
		return cosine, nil
	case "ntxent":
		return loss.SimCLR(g, z, zp, contrast.Tau), nil
	case "contrasted":
		return loss.Contrasted(g, z, zp, c.Normal, layer("patterns"), contrast), nil
	case "variance":
		return loss.Variance(g, z, c.Normal, layer("patterns"), spread), nil
	case "multiscale":
		var scales []loss.Scale[T]
		for s, weight := range c.Weights {
			n := fmt.Sprint(s + 1)
			scale := loss.Scale[T]{Z: inputs["z"+n], Zp: inputs["zp"+n], Memory: layer("patterns" + n), Weight: weight}
			for _, p := range c.Positions[s] {
				scale.Positions = append(scale.Positions, loss.Position{Y: p[0], X: p[1]})
			}
			scales = append(scales, scale)
		}
		cfg := loss.Config{Contrast: contrast, Spread: spread, LambdaV: c.LambdaV, Pooled: c.Negatives == "pooled"}
		return loss.MultiScale(g, scales, c.Normal, cfg), nil
	case "barlow":
		return loss.BarlowTwins(g, z, zp, contrast.Barlow), nil
	case "vicreg":
		return loss.VICReg(g, z, zp, contrast.VICReg), nil
	case "one_class":
		return anomem.MapNorm(g, hopfield.Deviation(g, z, patterns, memory)), nil
	case "merged":
		var scores []*autograd.Tensor[T]
		for s := range c.Weights {
			n := fmt.Sprint(s + 1)
			delta := hopfield.Deviation(g, inputs["z"+n], inputs["patterns"+n], memory)
			scores = append(scores, anomem.MapNorm(g, delta))
		}
		return anomem.MergeScores(g, scores, c.Weights), nil
	case "head":
		h := anomem.Head[T]{
			Pool:   c.Pool,
			Hidden: &nn.Linear[T]{Weight: inputs["w1"], Bias: inputs["b1"]},
			Out:    &nn.Linear[T]{Weight: inputs["w2"], Bias: inputs["b2"]},
		}
		return h.Forward(g, hopfield.Deviation(g, z, patterns, memory)), nil
	case "hinge":
		return loss.HingeDistance(g, inputs["d1"], c.Normal, c.Margin), nil
	case "supervised":
		var d []*autograd.Tensor[T]
		for s := range len(inputs) {
			d = append(d, inputs[fmt.Sprintf("d%d", s+1)])
		}
		return loss.Supervised(g, d, c.Normal, c.Margin), nil
	}
	return nil, fmt.Errorf("no equation is called %q", f.Func)
}
