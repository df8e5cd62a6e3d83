package gradients

import (
	"fmt"

	"anomem/autograd"
)

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
