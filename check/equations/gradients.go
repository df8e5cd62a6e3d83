package equations

import (
	"fmt"

	"anomem"
	"anomem/autograd"
	"anomem/check"
	"anomem/hopfield"
	"anomem/loss"
	"anomem/nn"
	"anomem/nn/rng"
)

type (
	graph   = autograd.Graph[float64]
	tensor  = autograd.Tensor[float64]
	tensors = []*tensor
)

// gradient is one function with one set of options, and the inputs to differentiate it by.
type gradient struct {
	function string // "package.Function"
	options  string
	f        func(g *graph, in tensors) *tensor
	in       tensors
	along    int // > 0: so many random directions in place of every element
}

// gradientChecks returns a check for each differentiable function of hopfield, loss and
// the root package: with all its options, against central differences in float64.
func gradientChecks() []check.Check {
	var names []string
	rows := map[string][]gradient{}
	for _, r := range gradients() {
		if rows[r.function] == nil {
			names = append(names, r.function)
		}
		rows[r.function] = append(rows[r.function], r)
	}
	var checks []check.Check
	for _, name := range names {
		checks = append(checks, check.Check{Family: "gradients/equations", Name: name, Run: func() error {
			for _, r := range rows[name] {
				var opts []autograd.GradOption
				if r.along > 0 {
					opts = append(opts, autograd.GradDirections(r.along))
				}
				if err := autograd.GradCheck(r.function+r.options, r.f, r.in, opts...); err != nil {
					return err
				}
			}
			return nil
		}})
	}
	return checks
}

func gradients() []gradient {
	var all []gradient
	add := func(function, options string, f func(g *graph, in tensors) *tensor, in ...*tensor) {
		if options != "" {
			options = ", " + options
		}
		all = append(all, gradient{function: function, options: options, f: f, in: in})
	}
	hopfieldGradients(add)
	lossGradients(add)
	scoreGradients(add)

	// Over a thousand inputs: a few directional derivatives.
	all = append(all, gradient{
		function: "loss.NTXent", options: ", across blocks of columns", along: 8,
		f:  func(g *graph, in tensors) *tensor { return loss.NTXent(g, in[0], in[1], 0.5) },
		in: tensors{normal(1, 1, 140, 2), normal(2, 1, 140, 2)},
	})
	return all
}

type adder func(function, options string, f func(g *graph, in tensors) *tensor, in ...*tensor)

var similarities = []hopfield.Similarity{hopfield.Unit, hopfield.Raw, hopfield.LayerNorm}

func memory(patterns *tensor, s hopfield.Similarity, updates int) *hopfield.Memory[float64] {
	// The differences stay within one number of updates: the changes that end them
	// are not this close to Eps.
	c := hopfield.Config{Beta: 2, Updates: updates, Eps: 1e-2, Similarity: s}
	return &hopfield.Memory[float64]{Patterns: patterns, Config: c}
}

func hopfieldGradients(add adder) {
	z, x, field := normal(11, 0.5, 4, 5), normal(12, 0.5, 3, 5), normal(13, 0.5, 2, 2, 1, 5)
	labels := []bool{true, false, true, true}
	for _, s := range similarities {
		add("hopfield.Normalize", s.String(), func(g *graph, in tensors) *tensor { return hopfield.Normalize(g, in[0], s) }, field)
		for _, updates := range []int{1, 3, 0} {
			options := fmt.Sprintf("%v, %d updates", s, updates)
			c := memory(nil, s, updates).Config
			add("hopfield.Retrieve", options, func(g *graph, in tensors) *tensor {
				return hopfield.Retrieve(g, in[0], in[1], c)
			}, z, x)
			add("hopfield.Retrieve", "f(x, x), "+options, func(g *graph, in tensors) *tensor {
				return hopfield.Retrieve(g, in[0], in[0], c)
			}, x)
			add("hopfield.Mem", options, func(g *graph, in tensors) *tensor {
				return hopfield.Mem(g, in[0], labels, in[1], c)
			}, z, x)
			add("hopfield.Deviation", options, func(g *graph, in tensors) *tensor {
				return hopfield.Deviation(g, in[0], in[1], c)
			}, field, x)
			add("hopfield.Deviations", "cosine, "+options, func(g *graph, in tensors) *tensor {
				_, cosine := hopfield.Deviations(g, in[0], in[1], c)
				return cosine
			}, field, x)
			add("hopfield.Deviations", options, func(g *graph, in tensors) *tensor {
				delta, cosine := hopfield.Deviations(g, in[0], in[1], c)
				return g.Add(g.Sum(delta, false), g.Sum(cosine, false))
			}, field, x)
			add("hopfield.Weights", options, func(g *graph, in tensors) *tensor {
				return hopfield.Weights(g, in[0], in[1], c)
			}, z, x)
		}
	}
	add("hopfield.Recall", "", func(g *graph, in tensors) *tensor {
		mem, answers := hopfield.Recall(g, in[0], 1, labels, memory(in[1], hopfield.Unit, 1))
		return g.Concat(0, mem, answers)
	}, z, x)
	add("hopfield.Recall", "two locations", func(g *graph, in tensors) *tensor {
		mem, answers := hopfield.Recall(g, in[0], 2, labels[:2], memory(in[1], hopfield.Unit, 1))
		return g.Concat(0, mem, answers)
	}, z, x)
	add("hopfield.ScatterRows", "", func(g *graph, in tensors) *tensor {
		return hopfield.ScatterRows(g, in[0], []int32{0, 2}, in[1])
	}, z, normal(14, 1, 2, 5))
}

func lossGradients(add adder) {
	z, zp, x := normal(21, 0.6, 5, 4), normal(22, 0.6, 5, 4), normal(23, 0.6, 3, 4)
	labels := []bool{true, false, true, true, false}
	for _, tau := range []float64{0.1, 1} {
		options := fmt.Sprintf("τ = %g", tau)
		add("loss.NTXent", options, func(g *graph, in tensors) *tensor { return loss.NTXent(g, in[0], in[1], tau) }, z, zp)
		add("loss.NTXent", "f(x, x), "+options, func(g *graph, in tensors) *tensor { return loss.NTXent(g, in[0], in[0], tau) }, z)
		add("loss.SimCLR", options, func(g *graph, in tensors) *tensor { return loss.SimCLR(g, in[0], in[1], tau) }, z, zp)
	}
	add("loss.NTXent", "one pair", func(g *graph, in tensors) *tensor { return loss.NTXent(g, in[0], in[1], 0.1) }, normal(24, 1, 1, 4), normal(25, 1, 1, 4))
	add("loss.NTXent", "several batches", func(g *graph, in tensors) *tensor { return loss.NTXent(g, in[0], in[1], 0.5) }, normal(26, 1, 3, 4, 2), normal(27, 1, 3, 4, 2))
	add("loss.BarlowTwins", "", func(g *graph, in tensors) *tensor { return loss.BarlowTwins(g, in[0], in[1], loss.DefaultBarlow()) }, z, zp)
	add("loss.VICReg", "", func(g *graph, in tensors) *tensor { return loss.VICReg(g, in[0], in[1], loss.DefaultVICReg()) }, z, zp)
	d := normal(28, 2, 5)
	add("loss.HingeDistance", "", func(g *graph, in tensors) *tensor { return loss.HingeDistance(g, in[0], labels, 2) }, d)
	add("loss.Supervised", "", func(g *graph, in tensors) *tensor { return loss.Supervised(g, in, labels, 2) }, d, normal(29, 2, 5))

	pairs := []string{loss.PairNTXent: "NT-Xent", loss.PairBarlowTwins: "Barlow Twins", loss.PairVICReg: "VICReg"}
	maps := tensors{
		normal(30, 0.6, 5, 3, 2, 4), normal(31, 0.6, 5, 3, 2, 4), x,
		normal(32, 0.6, 5, 2, 2, 3), normal(33, 0.6, 5, 2, 2, 3), normal(34, 0.6, 4, 3),
	}
	for _, s := range similarities {
		for _, updates := range []int{1, 2, 0} {
			options := fmt.Sprintf(", %v, %d updates", s, updates)
			for pair, pairName := range pairs {
				c := loss.DefaultContrast()
				c.Pair = loss.Pair(pair)
				add("loss.Contrasted", pairName+options, func(g *graph, in tensors) *tensor {
					return loss.Contrasted(g, in[0], in[1], labels, memory(in[2], s, updates), c)
				}, z, zp, x)
			}
			for _, hinge := range []float64{0, 1} {
				for _, perRow := range []bool{false, true} {
					c := loss.Spread{Hinge: hinge, PerRow: perRow, Eps: 1e-4}
					add("loss.Variance", fmt.Sprintf("%+v%s", c, options), func(g *graph, in tensors) *tensor {
						return loss.Variance(g, in[0], labels, memory(in[1], s, updates), c)
					}, z, x)
				}
			}
		}
		for pair, pairName := range pairs {
			for _, pooled := range []bool{false, true} {
				c := loss.DefaultConfig()
				c.Contrast.Pair, c.Pooled = loss.Pair(pair), pooled
				add("loss.MultiScale", fmt.Sprintf("%s, pooled %v, %v", pairName, pooled, s), func(g *graph, in tensors) *tensor {
					return loss.MultiScale(g, []loss.Scale[float64]{
						{Z: in[0], Zp: in[1], Memory: memory(in[2], s, 1), Positions: []loss.Position{{Y: 1, X: 1}, {}, {Y: 2}}, Weight: 1},
						{Z: in[3], Zp: in[4], Memory: memory(in[5], s, 1), Positions: []loss.Position{{X: 1}, {Y: 1, X: 1}}, Weight: 2},
					}, labels, c)
				}, maps...)
			}
		}
	}
}

func scoreGradients(add adder) {
	delta := normal(41, 1, 3, 5, 4, 2)
	add("anomem.MapNorm", "", func(g *graph, in tensors) *tensor { return anomem.MapNorm(g, in[0]) }, delta)
	add("anomem.DensityFeatures", "", func(g *graph, in tensors) *tensor { return anomem.DensityFeatures(g, in[0]) }, delta)
	add("anomem.TurnHead", "", func(g *graph, in tensors) *tensor {
		h := anomem.TurnHead[float64]{Out: &nn.Linear[float64]{Weight: in[1], Bias: in[2]}}
		return h.Forward(g, in[0])
	}, delta, normal(49, 0.4, 4, 2), normal(50, 1, 4))
	add("anomem.MergeScores", "", func(g *graph, in tensors) *tensor {
		return anomem.MergeScores(g, in, []float64{1, 2, 0.5})
	}, normal(42, 1, 4), normal(43, 1, 4), normal(44, 1, 4))
	add("anomem.Head", "", func(g *graph, in tensors) *tensor {
		h := anomem.Head[float64]{Pool: 2, Hidden: &nn.Linear[float64]{Weight: in[1], Bias: in[2]}, Out: &nn.Linear[float64]{Weight: in[3], Bias: in[4]}}
		return h.Forward(g, in[0])
	}, delta, normal(45, 0.4, 6, 8), normal(46, 1, 6), normal(47, 0.4, 1, 6), normal(48, 1, 1))
}

// normal returns a tensor of normal numbers times scale.
func normal(seed uint64, scale float64, dims ...int) *tensor {
	t := autograd.New[float64](dims...)
	r := rng.New(seed)
	for i := range t.Data() {
		t.Data()[i] = scale * r.Norm()
	}
	return t
}
