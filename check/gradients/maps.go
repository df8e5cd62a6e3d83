package gradients

import (
	"fmt"
	"strings"

	"anomem/autograd"
)

// fused adds the row of ConvNorm.
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

// convolutions adds the row of Conv2D.
func (t *table[T]) convolutions() {
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
}

// pools adds the rows of what pools or resamples maps.
func (t *table[T]) pools() {
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
