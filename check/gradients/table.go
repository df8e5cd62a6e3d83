package gradients

import (
	"fmt"
	"strings"

	"anomem/autograd"
)

// Rows returns the table.
func Rows[T autograd.Float]() []Row[T] {
	t := table[T]{}
	t.broadcasting()
	t.elementwise()
	t.products()
	t.reductions()
	t.normalisations()
	t.fused()
	t.selections()
	t.layouts()
	t.maps()
	return t.rows
}

// table is a table in the making. Short names for long types follow.
type table[T autograd.Float] struct{ rows []Row[T] }

type (
	graph[T autograd.Float]  = autograd.Graph[T]
	tensor[T autograd.Float] = autograd.Tensor[T]
	inputs[T autograd.Float] = []*autograd.Tensor[T]
)

// row starts an operation's row.
func (t *table[T]) row(op string) { t.rows = append(t.rows, Row[T]{Op: op}) }

// add adds a case to the last row.
func (t *table[T]) add(name string, in inputs[T], f func(g *graph[T], in inputs[T]) *tensor[T]) {
	row := &t.rows[len(t.rows)-1]
	row.Cases = append(row.Cases, Case[T]{Name: name, In: in, F: f})
}

// makesConstants marks the last case as one whose F makes tensors of its own.
func (t *table[T]) makesConstants() {
	cases := t.rows[len(t.rows)-1].Cases
	cases[len(cases)-1].Constants = true
}

// unary adds cases for a function of one tensor, at the shapes that every such
// function must take.
func (t *table[T]) unary(make func(seed int, dims ...int) *tensor[T], f func(g *graph[T], x *tensor[T]) *tensor[T]) {
	call := func(g *graph[T], in inputs[T]) *tensor[T] { return f(g, in[0]) }
	t.add("[3 5]", inputs[T]{make(1, 3, 5)}, call)
	t.add("scalar", inputs[T]{make(2)}, call)
	t.add("size 1", inputs[T]{make(3, 1, 1)}, call)
	t.add("size 0", inputs[T]{make(4, 2, 0, 3)}, call)
	before := make(5, 4092)
	t.add("across the border of a block", inputs[T]{make(6, 7)}, func(g *graph[T], in inputs[T]) *tensor[T] {
		return g.Slice(f(g, g.Concat(0, before, in[0])), 0, 4092, 4099)
	})
	t.add("f(x)·x", inputs[T]{make(7, 2, 3)}, func(g *graph[T], in inputs[T]) *tensor[T] {
		return g.Mul(f(g, in[0]), in[0])
	})
}

func (t *table[T]) broadcasting() {
	type binary = func(g *graph[T], a, b *tensor[T]) *tensor[T]
	shapes := [][2][]int{
		{{2, 3}, {2, 3}}, {{2, 3}, {3}}, {{3}, {2, 3}}, {{2, 3}, {2, 1}}, {{2, 1}, {1, 3}},
		{{2, 3, 4}, {3, 1}}, {{1, 3, 1, 2}, {2, 1, 4, 1}}, {{}, {2, 2}}, {{2, 2}, {}},
		{{}, {}}, {{1}, {1, 1}}, {{0, 3}, {3}}, {{2, 0}, {2, 1}}, {{130, 2}, {2}}, {{2, 3, 2, 2}, {2, 1, 2, 1}},
	}
	for _, op := range []struct {
		name string
		f    binary
	}{
		{"Add", (*graph[T]).Add}, {"Sub", (*graph[T]).Sub}, {"Mul", (*graph[T]).Mul}, {"Div", (*graph[T]).Div},
	} {
		t.row(op.name)
		for _, s := range shapes {
			t.add(fmt.Sprint(s[0], s[1]), inputs[T]{smooth[T](1, s[0]...), positive[T](2, s[1]...)},
				func(g *graph[T], in inputs[T]) *tensor[T] { return op.f(g, in[0], in[1]) })
		}
		t.add("f(x, x)", inputs[T]{positive[T](3, 2, 3)},
			func(g *graph[T], in inputs[T]) *tensor[T] { return op.f(g, in[0], in[0]) })
		t.add("f(f(x, y), f(y, x))", inputs[T]{positive[T](3, 2, 3), positive[T](4, 3)},
			func(g *graph[T], in inputs[T]) *tensor[T] {
				return op.f(g, op.f(g, in[0], in[1]), op.f(g, in[1], in[0]))
			})
		t.add("a view of x and x", inputs[T]{positive[T](3, 2, 3)},
			func(g *graph[T], in inputs[T]) *tensor[T] { return op.f(g, g.Slice(in[0], 0, 1, 2), in[0]) })
		t.add("a constant", inputs[T]{positive[T](3, 2, 3)},
			func(g *graph[T], in inputs[T]) *tensor[T] { return op.f(g, positive[T](5, 3), in[0]) })
		t.makesConstants()
	}

	t.row("BroadcastTo")
	for _, s := range [][2][]int{
		{{3}, {2, 3}}, {{2, 1}, {2, 3}}, {{}, {2, 2}}, {{1, 2, 1, 2}, {3, 2, 2, 2}}, {{2, 3}, {2, 3}}, {{1}, {0}}, {{2, 1}, {2, 4100}},
	} {
		t.add(fmt.Sprint(s[0], s[1]), inputs[T]{smooth[T](1, s[0]...)},
			func(g *graph[T], in inputs[T]) *tensor[T] { return g.BroadcastTo(in[0], s[1]...) })
	}
}

func (t *table[T]) elementwise() {
	t.row("AddConst")
	t.unary(smooth[T], func(g *graph[T], x *tensor[T]) *tensor[T] { return g.AddConst(x, 1.5) })
	t.row("Scale")
	t.unary(smooth[T], func(g *graph[T], x *tensor[T]) *tensor[T] { return g.Scale(x, -2.5) })
	t.row("Neg")
	t.unary(smooth[T], (*graph[T]).Neg)
	t.row("Exp")
	t.unary(smooth[T], (*graph[T]).Exp)
	t.row("Log")
	t.unary(positive[T], (*graph[T]).Log)
	t.row("Sqrt")
	t.unary(positive[T], (*graph[T]).Sqrt)
	t.row("Square")
	t.unary(smooth[T], (*graph[T]).Square)
	t.row("Abs")
	t.unary(spread[T], (*graph[T]).Abs)
	t.row("ReLU")
	t.unary(spread[T], (*graph[T]).ReLU)
	t.row("MaxConst")
	t.unary(spread[T], func(g *graph[T], x *tensor[T]) *tensor[T] { return g.MaxConst(x, 0.125) })
	t.row("Clamp")
	t.unary(spread[T], func(g *graph[T], x *tensor[T]) *tensor[T] { return g.Clamp(x, -0.25, 0.125) })
}

func (t *table[T]) products() {
	t.row("MatMul")
	for _, s := range [][3]int{{2, 3, 4}, {1, 1, 1}, {5, 2, 1}, {0, 2, 3}, {2, 0, 3}, {2, 3, 0}} {
		m, n, k := s[0], s[1], s[2]
		for _, trans := range [][2]bool{{false, false}, {true, false}, {false, true}, {true, true}} {
			a, b := smooth[T](1, m, k), smooth[T](2, k, n)
			if trans[0] {
				a = smooth[T](1, k, m)
			}
			if trans[1] {
				b = smooth[T](2, n, k)
			}
			t.add(fmt.Sprint(s, trans), inputs[T]{a, b}, func(g *graph[T], in inputs[T]) *tensor[T] {
				return g.MatMul(in[0], in[1], trans[0], trans[1])
			})
		}
	}
	for _, trans := range [][2]bool{{false, false}, {true, false}, {false, true}, {true, true}} {
		t.add(fmt.Sprint("f(x, x) ", trans), inputs[T]{smooth[T](3, 3, 3)}, func(g *graph[T], in inputs[T]) *tensor[T] {
			return g.MatMul(in[0], in[0], trans[0], trans[1])
		})
	}
}

// axesCases adds cases for a function over axes. keep tells whether it takes keep.
func (t *table[T]) axesCases(make func(seed int, dims ...int) *tensor[T], minAxes int, f func(g *graph[T], x *tensor[T], keep bool, axes ...int) *tensor[T]) {
	for _, c := range []struct {
		dims, axes []int
		keep       bool
	}{
		{[]int{3, 4}, []int{1}, false}, {[]int{3, 4}, []int{0}, true}, {[]int{3, 4}, []int{0, 1}, false},
		{[]int{2, 3, 4}, []int{1}, false}, {[]int{2, 3, 4}, []int{0, 2}, true}, {[]int{2, 3, 2, 2}, []int{1, 2}, false},
		{[]int{2, 3, 2, 2}, []int{-1, 0}, false}, {[]int{2, 2, 1, 3, 2}, []int{0, 3}, true},
		{[]int{1}, []int{0}, false}, {[]int{5}, []int{-1}, true}, {[]int{0, 3}, []int{1}, false},
		{[]int{2, 3}, nil, false}, {[]int{2, 3}, nil, true}, {nil, nil, false}, {[]int{131, 2}, []int{0}, false},
		{[]int{2, 131, 2}, []int{1}, false},
	} {
		if len(c.axes) < minAxes {
			continue
		}
		t.add(fmt.Sprint(c.dims, " over ", c.axes, " keep ", c.keep), inputs[T]{make(len(c.axes), c.dims...)},
			func(g *graph[T], in inputs[T]) *tensor[T] { return f(g, in[0], c.keep, c.axes...) })
	}
	rows := []int{1}
	t.add("f(x)·x", inputs[T]{make(7, 2, 3)}, func(g *graph[T], in inputs[T]) *tensor[T] {
		return g.Mul(f(g, in[0], true, rows...), in[0])
	})
}

func (t *table[T]) reductions() {
	t.row("Sum")
	t.axesCases(smooth[T], 0, (*graph[T]).Sum)
	t.add("of nothing", inputs[T]{smooth[T](1, 2, 0)}, func(g *graph[T], in inputs[T]) *tensor[T] { return g.Sum(in[0], false, 1) })
	t.add("longer than a block", inputs[T]{smooth[T](1, 2, 4100)}, func(g *graph[T], in inputs[T]) *tensor[T] { return g.Sum(in[0], false, 1) })
	t.row("Mean")
	t.axesCases(smooth[T], 0, (*graph[T]).Mean)
	t.row("Variance")
	for _, unbiased := range []bool{false, true} {
		t.axesCases(smooth[T], 0, func(g *graph[T], x *tensor[T], keep bool, axes ...int) *tensor[T] {
			// A single element has no unbiased variance.
			return g.Variance(x, unbiased && x.Len() > 1, keep, axes...)
		})
	}
	t.row("Max")
	t.axesCases(spread[T], 0, (*graph[T]).Max)
	t.row("LogSumExp")
	t.axesCases(smooth[T], 0, (*graph[T]).LogSumExp)
	t.row("Softmax")
	t.axesCases(smooth[T], 1, func(g *graph[T], x *tensor[T], _ bool, axes ...int) *tensor[T] { return g.Softmax(x, axes...) })
	t.row("LogSoftmax")
	t.axesCases(smooth[T], 1, func(g *graph[T], x *tensor[T], _ bool, axes ...int) *tensor[T] { return g.LogSoftmax(x, axes...) })
}

func (t *table[T]) normalisations() {
	t.row("L2Normalize")
	normalize := func(g *graph[T], in inputs[T]) *tensor[T] { return g.L2Normalize(in[0], 1e-3) }
	for _, dims := range [][]int{{3, 4}, {2, 2, 3}, {5}, {1, 1}, {0, 3}, {3, 0}} {
		t.add(fmt.Sprint(dims), inputs[T]{smooth[T](1, dims...)}, normalize)
	}
	short := smooth[T](2, 3, 4)
	for i := range 4 {
		short.Data()[4+i] = 0
	}
	t.add("a zero row", inputs[T]{short}, normalize)
	t.add("f(x)·x", inputs[T]{smooth[T](3, 2, 3)}, func(g *graph[T], in inputs[T]) *tensor[T] {
		return g.Mul(normalize(g, in), in[0])
	})
	// Magnitudes whose squares overflow, in either type, made of ones whose differences
	// can be taken.
	long, longer := T(1e20), 1e160
	if square := long * long; square-square == 0 { // float64
		long = T(longer)
	}
	t.add("squares that overflow", inputs[T]{smooth[T](4, 3, 4)}, func(g *graph[T], in inputs[T]) *tensor[T] {
		return normalize(g, inputs[T]{g.Scale(in[0], long)})
	})

	t.row("BatchNorm")
	for _, training := range []bool{true, false} {
		for _, dims := range [][]int{{4, 3}, {2, 2, 3, 2}, {130, 2}, {2, 1}, {5, 0}, {0, 2}} {
			if training && dims[0] == 0 {
				continue
			}
			c := dims[len(dims)-1]
			mean, variance := smooth[T](4, c), positive[T](5, c)
			t.add(fmt.Sprint(dims, " training ", training),
				inputs[T]{smooth[T](1, dims...), smooth[T](2, c), smooth[T](3, c)},
				func(g *graph[T], in inputs[T]) *tensor[T] {
					if training {
						return g.BatchNorm(in[0], in[1], in[2], nil, nil, autograd.BatchNormOptions{Training: true, Eps: 1e-3})
					}
					return g.BatchNorm(in[0], in[1], in[2], mean, variance, autograd.BatchNormOptions{})
				})
		}
	}
	t.add("γ = β, x a constant", inputs[T]{smooth[T](6, 3)}, func(g *graph[T], in inputs[T]) *tensor[T] {
		return g.BatchNorm(smooth[T](7, 4, 3), in[0], in[0], nil, nil, autograd.BatchNormOptions{Training: true})
	})
	t.makesConstants()
}

func (t *table[T]) fused() {
	t.row("ConvNorm")
	type shape struct {
		n, h, w, cin, kh, kw, cout int
		conv                       autograd.Conv
	}
	for _, s := range []shape{
		{2, 4, 3, 2, 3, 3, 3, autograd.Conv{PadH: 1, PadW: 1}},
		{2, 3, 2, 3, 1, 1, 4, autograd.Conv{}},
		{3, 5, 4, 1, 3, 2, 2, autograd.Conv{StrideH: 2, StrideW: 3, PadH: 1, PadW: 1}},
		{2, 3, 3, 2, 1, 1, 2, autograd.Conv{StrideH: 2, StrideW: 2}},
		{1, 2, 1, 1, 1, 1, 1, autograd.Conv{}},
	} {
		for _, training := range []bool{true, false} {
			for _, with := range []string{"", " with ReLU", " with a residual", " with a residual and ReLU"} {
				residual, relu := strings.Contains(with, "residual"), strings.Contains(with, "ReLU")
				in := inputs[T]{smooth[T](1, s.n, s.h, s.w, s.cin), smooth[T](2, s.kh, s.kw, s.cin, s.cout),
					positive[T](3, s.cout), spread[T](4, s.cout)}
				mean, variance := smooth[T](5, s.cout), positive[T](6, s.cout)
				out := autograd.NewGraph[T](nil).Conv2D(in[0], in[1], nil, s.conv)
				if residual {
					in = append(in, smooth[T](7, out.Shape().Dims()...))
				}
				t.add(fmt.Sprintf("%v%s, training %v", s, with, training), in, func(g *graph[T], in inputs[T]) *tensor[T] {
					n := autograd.Norm[T]{Gamma: in[2], Beta: in[3], Options: autograd.BatchNormOptions{Training: training, Eps: 1e-3}}
					if !training {
						n.RunningMean, n.RunningVar = mean, variance
					}
					var r *tensor[T]
					if residual {
						r = in[4]
					}
					return g.ConvNorm(in[0], in[1], s.conv, n, r, relu)
				})
			}
		}
	}
	t.add("x is the residual", inputs[T]{smooth[T](1, 2, 3, 3, 2), smooth[T](2, 3, 3, 2, 2), positive[T](3, 2)},
		func(g *graph[T], in inputs[T]) *tensor[T] {
			n := autograd.Norm[T]{Gamma: in[2], Beta: in[2], Options: autograd.BatchNormOptions{Training: true}}
			return g.ConvNorm(in[0], in[1], autograd.Conv{PadH: 1, PadW: 1}, n, in[0], true)
		})
	t.add("a chain, discarded", inputs[T]{smooth[T](1, 2, 3, 3, 2), smooth[T](2, 3, 3, 2, 2), positive[T](3, 2)},
		func(g *graph[T], in inputs[T]) *tensor[T] {
			n := autograd.Norm[T]{Gamma: in[2], Beta: in[2], Options: autograd.BatchNormOptions{Training: true}}
			y := in[0]
			for i := range 3 {
				next := g.ConvNorm(y, in[1], autograd.Conv{PadH: 1, PadW: 1}, n, y, true)
				if i > 0 {
					g.Discard(y)
				}
				y = next
			}
			return y
		})
}

func (t *table[T]) selections() {
	t.row("GatherRows")
	for _, c := range []struct {
		dims []int
		idx  []int32
	}{
		{[]int{4, 3}, []int32{2, 0, 2, 3, 2}}, {[]int{3, 2, 2}, []int32{1}}, {[]int{5}, []int32{4, 4, 0}},
		{[]int{2, 3}, nil}, {[]int{0, 3}, nil}, {[]int{2, 0}, []int32{1, 1}}, {[]int{1, 1}, []int32{0}},
	} {
		t.add(fmt.Sprint(c.dims, c.idx), inputs[T]{smooth[T](1, c.dims...)},
			func(g *graph[T], in inputs[T]) *tensor[T] { return g.GatherRows(in[0], c.idx) })
	}

	t.row("GatherPositions")
	for _, c := range []struct {
		dims []int
		pos  []autograd.Position
	}{
		{[]int{2, 3, 2, 3}, []autograd.Position{{N: 1, Y: 2, X: 0}, {N: 0, Y: 0, X: 1}, {N: 1, Y: 2, X: 0}}},
		{[]int{1, 1, 1, 1}, []autograd.Position{{}}}, {[]int{2, 2, 2, 2}, nil}, {[]int{0, 2, 2, 2}, nil},
	} {
		t.add(fmt.Sprint(c.dims, c.pos), inputs[T]{smooth[T](1, c.dims...)},
			func(g *graph[T], in inputs[T]) *tensor[T] { return g.GatherPositions(in[0], c.pos) })
	}

	t.row("Where")
	for _, c := range []struct {
		dims []int
		mask []bool
	}{
		{[]int{2, 2}, []bool{true, false, false, true}}, {[]int{3, 2}, []bool{false, true, true}},
		{[]int{2, 2, 2}, []bool{true, true, false, true}}, {[]int{2}, []bool{true, true}}, {[]int{}, []bool{false}}, {[]int{0, 2}, nil},
		{[]int{2, 3}, []bool{true}},
	} {
		t.add(fmt.Sprint(c.dims, c.mask), inputs[T]{smooth[T](1, c.dims...), smooth[T](2, c.dims...)},
			func(g *graph[T], in inputs[T]) *tensor[T] { return g.Where(c.mask, in[0], in[1]) })
	}
	t.add("f(x, x)", inputs[T]{smooth[T](3, 2, 2)},
		func(g *graph[T], in inputs[T]) *tensor[T] { return g.Where([]bool{true, false}, in[0], in[0]) })
	t.add("a constant", inputs[T]{smooth[T](3, 2, 2)},
		func(g *graph[T], in inputs[T]) *tensor[T] {
			return g.Where([]bool{true, false}, smooth[T](4, 2, 2), in[0])
		})
	t.makesConstants()
}

func (t *table[T]) layouts() {
	t.row("Reshape")
	for _, s := range [][2][]int{{{2, 6}, {3, 4}}, {{2, 3}, {-1}}, {{4}, {2, -1, 1}}, {{1}, {}}, {{0, 3}, {5, 0}}} {
		t.add(fmt.Sprint(s), inputs[T]{smooth[T](1, s[0]...)},
			func(g *graph[T], in inputs[T]) *tensor[T] { return g.Reshape(in[0], s[1]...) })
	}
	t.add("x and two views of it", inputs[T]{smooth[T](2, 2, 3)}, func(g *graph[T], in inputs[T]) *tensor[T] {
		x := g.Square(in[0])
		return g.Sum(g.MatMul(g.Reshape(x, 3, 2), g.Mul(g.Reshape(g.Reshape(x, 6), 2, 3), x), false, false), false, 1)
	})

	t.row("Transpose")
	for _, c := range [][2][]int{
		{{2, 3}, {1, 0}}, {{2, 3}, nil}, {{2, 3, 4}, {0, 2, 1}}, {{2, 3, 4}, {1, 0, 2}}, {{2, 3, 4}, {2, 0, 1}},
		{{2, 3, 4}, {2, 1, 0}}, {{2, 2, 3, 2}, {0, 3, 1, 2}}, {{2, 2, 3, 2}, {3, 1, 0, 2}}, {{2, 1, 2, 3}, {1, 3, 0, -2}},
		{{2, 2, 1, 2, 3, 2}, {5, 3, 1, 4, 2, 0}}, {{}, nil}, {{1}, {0}}, {{0, 3}, {1, 0}}, {{2, 3}, {0, 1}},
	} {
		t.add(fmt.Sprint(c), inputs[T]{smooth[T](1, c[0]...)},
			func(g *graph[T], in inputs[T]) *tensor[T] { return g.Transpose(in[0], c[1]...) })
	}
	t.add("x·xᵀ", inputs[T]{smooth[T](2, 3, 3)},
		func(g *graph[T], in inputs[T]) *tensor[T] { return g.Mul(in[0], g.Transpose(in[0])) })

	t.row("Slice")
	for _, c := range []struct {
		dims           []int
		axis, from, to int
	}{
		{[]int{4, 3}, 0, 1, 3}, {[]int{4, 3}, 1, 0, 2}, {[]int{2, 3, 2}, 1, 2, 3}, {[]int{2, 3, 4}, -1, 1, 3},
		{[]int{3}, 0, 1, 1}, {[]int{2, 3}, 1, 3, 3}, {[]int{1, 1, 4}, 2, 1, 4}, {[]int{0, 3}, 1, 0, 2}, {[]int{1}, 0, 0, 1},
	} {
		t.add(fmt.Sprint(c), inputs[T]{smooth[T](1, c.dims...)},
			func(g *graph[T], in inputs[T]) *tensor[T] { return g.Slice(in[0], c.axis, c.from, c.to) })
	}
	t.add("overlapping slices", inputs[T]{smooth[T](2, 3, 4)}, func(g *graph[T], in inputs[T]) *tensor[T] {
		x := g.Exp(in[0])
		rows := g.Mul(g.Slice(x, 0, 0, 2), g.Slice(x, 0, 1, 3))
		return g.Mul(g.Slice(rows, 1, 0, 3), g.Slice(rows, 1, 1, 4))
	})

	t.row("Concat")
	for _, c := range []struct {
		axis   int
		shapes [][]int
	}{
		{0, [][]int{{2, 3}, {1, 3}, {3, 3}}}, {1, [][]int{{2, 3}, {2, 1}}}, {-1, [][]int{{2, 2, 1}, {2, 2, 0}, {2, 2, 2}}},
		{1, [][]int{{2, 1, 2}, {2, 3, 2}}}, {0, [][]int{{2}}}, {0, [][]int{{0, 2}, {0, 2}}},
	} {
		var in inputs[T]
		for i, dims := range c.shapes {
			in = append(in, smooth[T](i, dims...))
		}
		t.add(fmt.Sprint(c), in, func(g *graph[T], in inputs[T]) *tensor[T] { return g.Concat(c.axis, in...) })
	}
	t.add("f(x, x)", inputs[T]{smooth[T](9, 2, 2)},
		func(g *graph[T], in inputs[T]) *tensor[T] { return g.Concat(1, in[0], in[0]) })
	t.add("a constant", inputs[T]{smooth[T](9, 2, 2)},
		func(g *graph[T], in inputs[T]) *tensor[T] { return g.Concat(1, smooth[T](8, 2, 1), in[0]) })
	t.makesConstants()
}

func (t *table[T]) maps() {
	t.row("Conv2D")
	for _, c := range []struct {
		x, w []int
		conv autograd.Conv
	}{
		{[]int{2, 4, 3, 2}, []int{1, 1, 2, 3}, autograd.Conv{}},
		{[]int{2, 4, 5, 2}, []int{1, 1, 2, 2}, autograd.Conv{StrideH: 2, StrideW: 2}},
		{[]int{2, 4, 4, 2}, []int{3, 3, 2, 2}, autograd.Conv{PadH: 1, PadW: 1}},
		{[]int{1, 5, 6, 2}, []int{3, 3, 2, 2}, autograd.Conv{StrideH: 2, StrideW: 2, PadH: 1, PadW: 1}},
		{[]int{1, 5, 4, 1}, []int{2, 3, 1, 2}, autograd.Conv{StrideH: 1, StrideW: 2, PadH: 0, PadW: 2}},
		{[]int{1, 8, 7, 1}, []int{7, 7, 1, 2}, autograd.Conv{StrideH: 2, StrideW: 2, PadH: 3, PadW: 3}},
		{[]int{2, 3, 3, 1}, []int{3, 3, 1, 1}, autograd.Conv{}},
		{[]int{1, 3, 3, 2}, []int{1, 2, 2, 1}, autograd.Conv{StrideH: 3, StrideW: 1, PadH: 2, PadW: 0}},
		{[]int{1, 1, 1, 1}, []int{1, 1, 1, 1}, autograd.Conv{}},
		{[]int{0, 3, 3, 2}, []int{3, 3, 2, 2}, autograd.Conv{PadH: 1, PadW: 1}},
		{[]int{2, 3, 3, 0}, []int{3, 3, 0, 2}, autograd.Conv{PadH: 1, PadW: 1}},
		{[]int{2, 3, 3, 2}, []int{2, 2, 2, 0}, autograd.Conv{}},
	} {
		name := fmt.Sprintf("%v %v %+v", c.x, c.w, c.conv)
		in := inputs[T]{smooth[T](1, c.x...), smooth[T](2, c.w...)}
		t.add(name, in, func(g *graph[T], in inputs[T]) *tensor[T] {
			return g.Conv2D(in[0], in[1], nil, c.conv)
		})
		t.add(name+" with bias", append(in, smooth[T](3, c.w[3])), func(g *graph[T], in inputs[T]) *tensor[T] {
			return g.Conv2D(in[0], in[1], in[2], c.conv)
		})
	}
	t.add("f(x, x)", inputs[T]{smooth[T](4, 2, 2, 2, 2)}, func(g *graph[T], in inputs[T]) *tensor[T] {
		return g.Conv2D(in[0], in[0], nil, autograd.Conv{PadH: 1, PadW: 1})
	})

	t.row("MaxPool")
	for _, c := range []struct {
		dims []int
		win  autograd.Window
	}{
		{[]int{2, 4, 4, 2}, autograd.Window{H: 2, W: 2}},
		{[]int{1, 5, 6, 2}, autograd.Window{H: 3, W: 3, StrideH: 2, StrideW: 2, PadH: 1, PadW: 1}},
		{[]int{1, 4, 3, 1}, autograd.Window{H: 2, W: 3, StrideH: 1, StrideW: 1, PadH: 1}},
		{[]int{1, 1, 1, 1}, autograd.Window{H: 1, W: 1}},
		{[]int{0, 2, 2, 1}, autograd.Window{H: 2, W: 2}},
		{[]int{1, 2, 2, 0}, autograd.Window{H: 2, W: 2}},
	} {
		t.add(fmt.Sprintf("%v %+v", c.dims, c.win), inputs[T]{spread[T](1, c.dims...)},
			func(g *graph[T], in inputs[T]) *tensor[T] { return g.MaxPool(in[0], c.win) })
	}

	type resample = func(g *graph[T], x *tensor[T], oh, ow int) *tensor[T]
	for _, op := range []struct {
		name string
		f    resample
	}{{"AvgPoolTo", (*graph[T]).AvgPoolTo}, {"Resize", (*graph[T]).Resize}} {
		t.row(op.name)
		for _, c := range []struct {
			dims   []int
			oh, ow int
		}{
			{[]int{2, 4, 4, 2}, 2, 2}, {[]int{1, 5, 7, 2}, 2, 3}, {[]int{1, 2, 3, 2}, 4, 5}, {[]int{2, 3, 3, 1}, 3, 3},
			{[]int{1, 3, 2, 1}, 1, 1}, {[]int{1, 1, 1, 1}, 1, 2}, {[]int{0, 2, 2, 1}, 1, 1}, {[]int{1, 2, 2, 0}, 3, 3},
		} {
			t.add(fmt.Sprintf("%v to %d × %d", c.dims, c.oh, c.ow), inputs[T]{smooth[T](1, c.dims...)},
				func(g *graph[T], in inputs[T]) *tensor[T] { return op.f(g, in[0], c.oh, c.ow) })
		}
		t.add("f(x)·x", inputs[T]{smooth[T](2, 1, 3, 3, 2)},
			func(g *graph[T], in inputs[T]) *tensor[T] { return g.Mul(op.f(g, in[0], 3, 3), in[0]) })
	}

	t.row("GlobalAvgPool")
	for _, dims := range [][]int{{2, 3, 4, 2}, {1, 1, 1, 1}, {2, 12, 12, 1}, {0, 2, 2, 2}} {
		t.add(fmt.Sprint(dims), inputs[T]{smooth[T](1, dims...)},
			func(g *graph[T], in inputs[T]) *tensor[T] { return g.GlobalAvgPool(in[0]) })
	}
}
