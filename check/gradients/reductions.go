package gradients

import (
	"fmt"

	"anomem/autograd"
)

// axesCases adds cases for a function over axes, those with at least minAxes.
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
