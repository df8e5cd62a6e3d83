package gradients

import "fmt"

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
