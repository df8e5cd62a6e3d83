package autograd

import (
	"fmt"
	"math"
)

// GradCheck compares the gradients that Backward computes for f with central
// differences
//
//	∂L/∂x ≈ (L(x+h) - L(x-h)) / 2h,    L = Σ_i w_i f(inputs)_i
//
// in float64, for each element of each input; w are fixed pseudo-random weights, so
// that an error in any element of the result shows. It returns nil if each pair
// agrees to within atol + rtol·|numeric|, by default 1e-6 and 1e-4, and otherwise
// a *GradReport of the largest disagreement. The inputs are copied; f captures inputs
// that need no check.
//
// f must be deterministic and smooth within h of the inputs.
func GradCheck(name string, f func(g *Graph[float64], in []*Tensor[float64]) *Tensor[float64], inputs []*Tensor[float64], opts ...GradOption) error {
	c := gradChecker{f: f, graph: NewGraph[float64](nil), atol: 1e-6, rtol: 1e-4, step: 1e-5}
	for _, o := range opts {
		o(&c)
	}
	for _, t := range inputs {
		in := New[float64](t.shape.dims[:t.shape.rank]...).RequireGrad()
		copy(in.data, t.data)
		c.in = append(c.in, in)
	}
	c.backward()
	worst := GradReport{Op: name}
	if c.directions > 0 {
		c.alongDirections(&worst)
	} else {
		c.eachElement(&worst)
	}
	if worst.Excess > 1 {
		return &worst
	}
	return nil
}

// GradOption changes how GradCheck checks.
type GradOption func(*gradChecker)

// GradTolerance sets the tolerance: atol + rtol·|numeric|.
func GradTolerance(atol, rtol float64) GradOption {
	return func(c *gradChecker) { c.atol, c.rtol = atol, rtol }
}

// GradStep sets the step h of the differences, 1e-5 by default, which is taken
// relative to elements larger than 1.
func GradStep(h float64) GradOption {
	return func(c *gradChecker) { c.step = h }
}

// GradDirections makes GradCheck compare the product of the whole gradient with n
// random vectors v of length 1, instead of each element:
//
//	Σ v·∂L/∂x ≈ (L(x+h·v) - L(x-h·v)) / 2h
//
// at a cost of two evaluations each, for graphs with too many inputs to check one by
// one.
func GradDirections(n int) GradOption {
	return func(c *gradChecker) { c.directions = n }
}

// GradReport says where a gradient disagrees the most with finite differences.
type GradReport struct {
	Op        string
	Input     int     // which input; -1 along a direction
	Index     []int   // which element of it; or which direction
	Shape     Shape   // of the input
	Gradient  float64 // by Backward
	Numeric   float64 // by central differences
	Excess    float64 // |Gradient-Numeric| over the tolerance; Inf where it is NaN
	Offenders int     // how many comparisons failed
	Compared  int
}

// Error implements error.
func (r *GradReport) Error() string {
	where := fmt.Sprintf("input %d %v, index %v", r.Input, r.Shape, r.Index)
	if r.Input < 0 {
		where = fmt.Sprintf("direction %d", r.Index[0])
	}
	return fmt.Sprintf("%s: %s: gradient %.10g, central difference %.10g (%.3g times the tolerance; %d of %d differ)",
		r.Op, where, r.Gradient, r.Numeric, r.Excess, r.Offenders, r.Compared)
}

type gradChecker struct {
	f          func(g *Graph[float64], in []*Tensor[float64]) *Tensor[float64]
	graph      *Graph[float64]
	in         []*Tensor[float64]
	atol, rtol float64
	step       float64
	directions int
}

// backward computes the gradients to be checked.
func (c *gradChecker) backward() {
	out := c.f(c.graph, c.in)
	seed := make([]float64, out.Len())
	for i := range seed {
		seed[i] = gradWeight(i)
	}
	c.graph.BackwardFrom(out, seed)
	c.graph.Reset()
}

// value computes L.
func (c *gradChecker) value() float64 {
	sum := 0.0
	c.graph.NoGrad(func() {
		for i, v := range c.f(c.graph, c.in).data {
			sum += gradWeight(i) * v
		}
	})
	c.graph.Reset()
	return sum
}

func (c *gradChecker) eachElement(worst *GradReport) {
	for n, t := range c.in {
		for i, x := range t.data {
			h := c.step * max(1, math.Abs(x))
			t.data[i] = x + h
			up := c.value()
			t.data[i] = x - h
			down := c.value()
			t.data[i] = x
			gradient := 0.0
			if t.grad != nil {
				gradient = t.grad[i]
			}
			if c.compare(worst, gradient, (up-down)/(2*h)) {
				worst.Input, worst.Index, worst.Shape = n, indexOf(t.shape, i), t.shape
			}
		}
	}
}

func (c *gradChecker) alongDirections(worst *GradReport) {
	start, dir := make([][]float64, len(c.in)), make([][]float64, len(c.in))
	for n, t := range c.in {
		start[n] = append([]float64(nil), t.data...)
		dir[n] = make([]float64, len(t.data))
	}
	for d := range c.directions {
		square, at := 0.0, 0
		for _, v := range dir {
			for i := range v {
				v[i] = gradWeight(1<<20*(d+1) + at)
				square += v[i] * v[i]
				at++
			}
		}
		if at == 0 {
			return
		}
		norm, gradient := math.Sqrt(square), 0.0
		for n, v := range dir {
			for i := range v {
				v[i] /= norm
				if c.in[n].grad != nil {
					gradient += v[i] * c.in[n].grad[i]
				}
			}
		}
		move := func(h float64) float64 {
			for n, t := range c.in {
				for i, x := range start[n] {
					t.data[i] = x + h*dir[n][i]
				}
			}
			return c.value()
		}
		if c.compare(worst, gradient, (move(c.step)-move(-c.step))/(2*c.step)) {
			worst.Input, worst.Index = -1, []int{d}
		}
	}
}

// compare counts one pair and reports whether it is the worst so far.
func (c *gradChecker) compare(worst *GradReport, gradient, numeric float64) bool {
	excess := math.Abs(gradient-numeric) / (c.atol + c.rtol*math.Abs(numeric))
	if math.IsNaN(excess) {
		excess = math.Inf(1)
	}
	worst.Compared++
	if excess > 1 {
		worst.Offenders++
	}
	if excess <= worst.Excess {
		return false
	}
	worst.Excess, worst.Gradient, worst.Numeric = excess, gradient, numeric
	return true
}

// gradWeight returns number i of a fixed pseudo-random sequence in [-1, 1), by the
// finaliser of splitmix64.
func gradWeight(i int) float64 {
	z := uint64(i+1) * 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	z ^= z >> 31
	return float64(z>>11)/(1<<52) - 1
}

// indexOf returns the multi-index of element i of a tensor of shape s.
func indexOf(s Shape, i int) []int {
	index := make([]int, s.rank)
	for a := s.rank - 1; a >= 0; a-- {
		index[a] = i % s.dims[a]
		i /= s.dims[a]
	}
	return index
}
