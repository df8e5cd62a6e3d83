package gradients

import "fmt"

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
	t.row("LeakyReLU")
	t.unary(spread[T], func(g *graph[T], x *tensor[T]) *tensor[T] { return g.LeakyReLU(x, 0.125) })
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
	t.row("Attention")
	for _, s := range [][4]int{{4, 5, 3, 2}, {1, 1, 1, 1}, {3, 1, 2, 4}, {0, 2, 3, 1}, {2, 3, 0, 2}, {2, 3, 1, 0}} {
		m, n, c, d := s[0], s[1], s[2], s[3]
		t.add(fmt.Sprint(s), inputs[T]{smooth[T](1, m, c), smooth[T](2, n, c), smooth[T](3, n, d)}, func(g *graph[T], in inputs[T]) *tensor[T] {
			return g.Attention(in[0], in[1], in[2], 0.75)
		})
	}
	t.add("f(x, y, y)", inputs[T]{smooth[T](1, 4, 3), smooth[T](2, 5, 3)}, func(g *graph[T], in inputs[T]) *tensor[T] {
		return g.Attention(in[0], in[1], in[1], 0.75)
	})
	t.add("f(x, x, x)", inputs[T]{smooth[T](1, 4, 3)}, func(g *graph[T], in inputs[T]) *tensor[T] {
		return g.Attention(in[0], g.Reshape(in[0], 4, 3), in[0], 0.75)
	})
}
